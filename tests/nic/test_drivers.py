"""ecmpd on the poll-mode drivers of real devices, in a guest whose network cards qemu emulates."""
import json
import queue
import struct
import time

import frames
import guest as guests
import pytest
from frames import CLIENT, ROUTER_LEFT

PACKETS = 10000
WINDOW = 64      # packets on their way at once: no device's ring is smaller
FLOWS = 200
PATIENCE = 60    # seconds; the guest is slow
STATE = "ecmpctl show ports; ecmpctl show drops; ecmpctl show workers; cat /run/log; dmesg | tail"
DRIVER = {"e1000": "net_e1000_em", "e1000e": "net_e1000_em", "virtio-net-pci": "net_virtio", "vmxnet3": "net_vmxnet3"}
# One member on each side, so that either link can go down while the other carries everything.
MEMBERS = {"left": bytes.fromhex("02000000010b"), "right": bytes.fromhex("02000000020b")}
ROUTER = {"left": ROUTER_LEFT, "right": bytes.fromhex("525400000002")}

CONFIGURATION = """[router]
asn = 64500
router_id = "10.0.0.1"
[dataplane]
workers = "1"
idle = "sleep"
[ecmp]
seed = 7
[[port]]
name = "left"
device = "{left}"
address = ["10.0.1.1/24", "fd00:1::1/64"]
[[port]]
name = "right"
device = "{right}"
address = ["10.0.2.1/24", "fd00:2::1/64"]
[[route]]
prefix = "203.0.113.0/24"
nexthops = [{{ via = "10.0.1.11" }}, {{ via = "10.0.2.11" }}]
[[route]]
prefix = "2001:db8::/64"
nexthops = [{{ via = "fd00:1::11" }}, {{ via = "fd00:2::11" }}]
""" + "".join(f"""[[neighbor_entry]]
address = "{address}"
mac = "{MEMBERS[port].hex(":")}"
port = "{port}"
""" for port, addresses in (("left", ("10.0.1.11", "fd00:1::11")), ("right", ("10.0.2.11", "fd00:2::11")))
    for address in addresses)


@pytest.fixture(scope="module", params=DRIVER)
def router(request, tmp_path_factory, image):
    guest = guests.Guest(tmp_path_factory.mktemp(request.param), image, request.param)
    try:
        guest.model = request.param
        guest.write("/run/ecmpd.toml", CONFIGURATION.format(**{name: guest.pci(name) for name in MEMBERS}))
        guest.kernel_drivers = {name: guest.driver(name) for name in MEMBERS}
        guest.run("ecmpd /run/ecmpd.toml > /run/log 2>&1 &")
        wait_until(guest, lambda: links(guest) == {"left": True, "right": True}, "both links up")
        yield guest
    finally:
        guest.close()


def show(guest, what):
    return json.loads(guest.run(f"ecmpctl show {what} --json"))


def links(guest):
    text = guest.run("ecmpctl show ports --json", check=False)
    return {port["name"]: port["link"] for port in json.loads(text)["ports"]} if text.startswith("{") else {}


def balance(guest):
    """Packets that came in or were made, less those that went somewhere."""
    total = lambda what, key: sum(row[key] for row in show(guest, what)[what])
    made = total("ports", "rx_packets") + total("workers", "injected") + total("workers", "fragments")
    return made - total("ports", "tx_packets") - total("workers", "punted") - total("drops", "packets")


def wait_until(guest, condition, what):
    """Each look is a command in the guest, which takes its time: no need to wait in between."""
    for _ in range(200):
        if condition():
            return
    raise AssertionError(f"{what}: never\n{guest.run(STATE, check=False)}")


def next_udp(cables):
    """The next UDP frame that any cable carries, with the cable's name; what the guest's own kernel says is no UDP to
    port 53."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for name, cable in cables.items():
            try:
                frame = cable.receive(0.02)
            except queue.Empty:
                continue
            if frame[36:38] == b"\0\x35" or frame[56:58] == b"\0\x35":
                return name, frame
    raise AssertionError("no frame came out")


def carry(guest, count, first=0):
    """Sends packets by the left cable and gives for each flow the side that it left by; every frame is compared."""
    packets = {}
    sides = {}
    waiting = {}
    for number in range(first, first + count):
        family, flow = (4, 6)[number % 4 == 3], number % FLOWS
        packet = frames.Packet(family, number, flow, 18 + number * 7 % 1400)
        for side in MEMBERS:
            waiting[packet.forwarded(MEMBERS[side], ROUTER[side])] = (side, packet)
        guest.cables["left"].send(packet.sent())
        packets[number] = packet
        if len(waiting) == 2 * WINDOW or number == first + count - 1:
            collect(guest, waiting, sides)
    return sides


def collect(guest, waiting, sides):
    while waiting:
        try:
            name, frame = next_udp(guest.cables)
        except AssertionError as error:
            raise AssertionError(f"{error}; {len(waiting) // 2} of {WINDOW} are missing\n" + guest.run(STATE)) from None
        found = waiting.pop(frame, None)
        assert found is not None, f"nobody expected this frame on the {name} cable: {frame.hex()}"
        side, packet = found
        assert side == name
        other = "left" if side == "right" else "right"
        del waiting[packet.forwarded(MEMBERS[other], ROUTER[other])]
        assert sides.setdefault((packet.family, packet.flow), side) == side, "a flow has changed its member"


def test_ten_thousand_packets_are_forwarded_as_they_should(router):
    assert {port["driver"] for port in show(router, "ports")["ports"]} == {DRIVER[router.model]}
    assert {router.driver(name) for name in MEMBERS} == {"uio_pci_generic"}
    sides = carry(router, PACKETS)
    assert set(sides.values()) == set(MEMBERS)


def test_a_wrong_header_checksum_is_dropped_whether_or_not_the_device_checks(router):
    """e1000's driver offers to check, the other two do not, and the log says so."""
    dropped = lambda: sum(row["packets"] for row in show(router, "drops")["drops"] if row["reason"] == "ipv4_checksum")
    before = dropped()
    for number in range(WINDOW):
        router.cables["left"].send(frames.Packet(4, number, number, 100).damaged())
    wait_until(router, lambda: dropped() == before + WINDOW, "all of them dropped")
    clamped = "no checking of IPv4 header checksums" in router.run("cat /run/log")
    assert clamped == (router.model not in ("e1000", "e1000e"))


def test_what_is_for_the_router_itself_reaches_its_kernel(router):
    request = (b"\xff" * 6 + CLIENT + b"\x08\x06" + struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + CLIENT +
               bytes([10, 0, 1, 2]) + bytes(6) + bytes([10, 0, 1, 1]))
    router.cables["left"].drain()
    router.cables["left"].send(request.ljust(60, b"\0"))
    while True:
        frame = router.cables["left"].receive(PATIENCE)
        if frame[12:14] == b"\x08\x06" and frame[20:22] == b"\0\2":
            break
    assert frame[:12] == CLIENT + ROUTER["left"]
    assert frame[22:32] == ROUTER["left"] + bytes([10, 0, 1, 1])


def test_a_link_that_goes_down_moves_its_flows_and_they_come_home(router):
    before = carry(router, 2 * FLOWS)
    for _ in range(3):
        router.set_link("right", False)
        wait_until(router, lambda: not links(router)["right"], "the right link down")
        assert set(carry(router, 2 * FLOWS).values()) == {"left"}
        router.set_link("right", True)
        wait_until(router, lambda: links(router)["right"], "the right link up")
        assert carry(router, 2 * FLOWS) == before


def test_every_packet_is_in_the_sum_and_the_end_is_clean(router):
    wait_until(router, lambda: balance(router) == 0, "rx + injected = tx + punted + drops")
    print(router.run(STATE))
    router.run("kill -TERM $(pidof ecmpd); while pidof ecmpd; do usleep 50000; done")
    assert "rte_" not in router.run("cat /run/log")
    assert router.run("ls /dev/hugepages").strip() == ""
    assert "t-left" not in router.run("ip link")
    # Borrowed from the kernel, and given back.
    assert {name: router.driver(name) for name in MEMBERS} == router.kernel_drivers
