"""Sub-ports on the drivers of real devices, some of which take tags off and write them, and some of which do not."""
import daemon
import frames
import pytest
from daemon import wait_until
from traffic import FLOWS, ROUTER, WINDOW, Member, carry

PACKETS = 2000
MEMBERS = {"left": Member("left", bytes.fromhex("02000000010b"), ("10.0.1.11", "fd00:1::11")),
           "left.10": Member("left", bytes.fromhex("020000000a0b"), ("10.0.10.11", "fd00:10::11"), 10),
           "right": Member("right", bytes.fromhex("02000000020b"), ("10.0.2.11", "fd00:2::11")),
           "right.4094": Member("right", bytes.fromhex("02000000140b"), ("10.0.20.11", "fd00:20::11"), 4094)}
PORTS = (daemon.port("left", 'device = "{left}"', 1) + daemon.port("left.10", 'parent = "left"\nvlan = 10', 10) +
         daemon.port("right", 'device = "{right}"', 2) + daemon.port("right.4094", 'parent = "right"\nvlan = 4094', 20))
PRIORITY = 5 << 13
# Without a tag; of the sub-port, plain and with a priority; a priority and no VLAN.
TAGS = (None, 10, PRIORITY | 10, PRIORITY)


@pytest.fixture(scope="module")
def router(guest):
    daemon.start(guest, PORTS, MEMBERS)
    yield guest
    daemon.stop(guest)


def test_every_way_in_and_out_with_and_without_a_tag(router):
    """A flow goes to the same member whatever tag its packets carry, and a packet keeps its priority."""
    assert PACKETS >= 2 * len(TAGS) * FLOWS
    assert set(carry(router, MEMBERS, PACKETS, TAGS).values()) == set(MEMBERS)
    in_software = "no writing of VLAN tags: done in software" in router.run("cat /run/log")
    assert in_software == (router.model == "virtio-net-pci")


def test_the_router_is_a_host_on_the_vlan(router):
    router.cables["left"].send(frames.arp_request("10.0.10.2", "10.0.10.1", 10))
    assert frames.arp_answer(router) == (frames.CLIENT, ROUTER["left"], 10, "10.0.10.1")


def test_a_tag_of_no_sub_port_is_dropped(router):
    before = daemon.dropped(router, "vlan_unknown")
    for number in range(WINDOW):
        router.cables["left"].send(frames.Packet(4, number, number, 100, 11 + number).sent())
    wait_until(router, lambda: daemon.dropped(router, "vlan_unknown") == before + WINDOW, "all of them dropped")


def test_every_packet_is_in_the_sum(router):
    wait_until(router, lambda: daemon.balance(router) == 0, "rx + injected = tx + punted + drops")
    print(router.run(daemon.STATE))
