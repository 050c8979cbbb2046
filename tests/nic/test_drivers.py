"""ecmpd on the poll-mode drivers of real devices, in a guest whose network cards qemu emulates."""
import daemon
import frames
import pytest
from daemon import DRIVER, links, show, wait_until
from traffic import FLOWS, ROUTER, WINDOW, Member, carry

PACKETS = 10000
# One member on each side, so that either link can go down while the other carries everything.
MEMBERS = {"left": Member("left", bytes.fromhex("02000000010b"), ("10.0.1.11", "fd00:1::11")),
           "right": Member("right", bytes.fromhex("02000000020b"), ("10.0.2.11", "fd00:2::11"))}
PORTS = daemon.port("left", 'device = "{left}"', 1) + daemon.port("right", 'device = "{right}"', 2)


@pytest.fixture(scope="module")
def router(guest):
    guest.kernel_drivers = {name: guest.driver(name) for name in MEMBERS}
    daemon.start(guest, PORTS, MEMBERS)
    yield guest
    guest.set_link("right", True)
    daemon.stop(guest)


def test_ten_thousand_packets_are_forwarded_as_they_should(router):
    assert {port["driver"] for port in show(router, "ports")["ports"]} == {DRIVER[router.model]}
    assert {router.driver(name) for name in MEMBERS} == {"uio_pci_generic"}
    assert set(carry(router, MEMBERS, PACKETS).values()) == set(MEMBERS)


def test_a_wrong_header_checksum_is_dropped_whether_or_not_the_device_checks(router):
    """e1000's driver offers to check, the other two do not, and the log says so."""
    before = daemon.dropped(router, "ipv4_checksum")
    for number in range(WINDOW):
        router.cables["left"].send(frames.Packet(4, number, number, 100).damaged())
    wait_until(router, lambda: daemon.dropped(router, "ipv4_checksum") == before + WINDOW, "all of them dropped")
    clamped = "no checking of IPv4 header checksums" in router.run("cat /run/log")
    assert clamped == (router.model not in ("e1000", "e1000e"))


def test_what_is_for_the_router_itself_reaches_its_kernel(router):
    router.cables["left"].send(frames.arp_request("10.0.1.2", "10.0.1.1"))
    assert frames.arp_answer(router) == (frames.CLIENT, ROUTER["left"], None, "10.0.1.1")


def test_a_link_that_goes_down_moves_its_flows_and_they_come_home(router):
    before = carry(router, MEMBERS, 2 * FLOWS)
    for _ in range(3):
        router.set_link("right", False)
        wait_until(router, lambda: not links(router)["right"], "the right link down")
        assert set(carry(router, MEMBERS, 2 * FLOWS).values()) == {"left"}
        router.set_link("right", True)
        wait_until(router, lambda: links(router)["right"], "the right link up")
        assert carry(router, MEMBERS, 2 * FLOWS) == before


def test_every_packet_is_in_the_sum_and_the_end_is_clean(router):
    wait_until(router, lambda: daemon.balance(router) == 0, "rx + injected = tx + punted + drops")
    print(router.run(daemon.STATE))
    router.run(f"kill -TERM $(pidof ecmpd); {daemon.ENDED}")
    assert "rte_" not in router.run("cat /run/log")
    assert router.run("ls /dev/hugepages").strip() == ""
    assert "t-left" not in router.run("ip link")
    # Borrowed from the kernel, and given back.
    assert {name: router.driver(name) for name in MEMBERS} == router.kernel_drivers
