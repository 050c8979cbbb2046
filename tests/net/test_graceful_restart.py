"""A node's BGP daemon restarts, or its node dies meanwhile: the traffic stays, or leaves."""

import signal
import socket
import struct
import time

import pytest

from lab import netns
from lab.analysis import Window, nodes_by_port, outage_ms, owners
from lab.flows import udp_nodes
from lab.lab import SERVICE, SETTLE_SECONDS
from lab.programs import installed
from lab.probe import FIRST_PORT
from lab.records import UDP
from lab.speakers.base import NODE_ASN
from lab.topology import FAR_DEVICE, router_address
from lab.traffic import PROBE_FLOWS, Traffic
from lab.wait import wait_until
from raw_bgp import UPDATE, RawPeer, graceful_restart, message

PREFIX = f"{SERVICE}/32"
PORTS = range(30000, 30100)
REST = {"node2", "node3"}
SILENT = f"""
table netdev silent {{
  chain in {{ type filter hook ingress device {FAR_DEVICE} priority 0; policy drop; }}
  chain out {{ type filter hook egress device {FAR_DEVICE} priority 0; policy drop; }}
}}
"""


def graceful(speaker) -> None:
    """BIRD that offers graceful restart, and goes on with what its kernel forwards when it is started again."""
    usual = speaker.config()
    speaker.config = lambda: usual.replace("hold time 90;", "hold time 90;\n  graceful restart on;")


@pytest.fixture(scope="module")
def lab(ecmpd):
    from lab.lab import Lab

    lab = Lab(nodes={"node1": "bird", "node2": "bird", "node3": "bird"})
    try:
        for node in lab.nodes.values():
            graceful(node.speaker)
        lab.start()
        yield lab
    finally:
        lab.run.close()


def kill(lab) -> None:
    lab.run.stop("node1-bgp", signal.SIGKILL)
    wait_until(lambda: path(lab).get("stale"), "the routes of node1 to be stale", SETTLE_SECONDS)


def start_again(lab) -> None:
    speaker = lab.nodes["node1"].speaker
    speaker.path("bird.ctl").unlink()
    config = str(speaker.path("bird.conf"))
    speaker.spawn([installed("bird"), "-R", "-f", "-c", config, "-s", speaker.socket, "-P", str(speaker.path("pid"))])
    wait_until(lambda: speaker.check_alive() or speaker.path("bird.ctl").exists(), "BIRD's socket", 20)
    wait_until(lambda: path(lab).get("stale") is False, "the routes of node1 to come again", SETTLE_SECONDS)


def path(lab) -> dict:
    """What the router has of node1."""
    for route in lab.router.ecmpctl("show", "routes", PREFIX).get("routes", []):
        for one in route["paths"]:
            if one["peer"] == lab.nodes["node1"].address:
                return one
    return {}


def test_a_restart_of_the_daemon_loses_no_packet_and_moves_no_connection(lab):
    traffic = Traffic(lab, 100, lambda _: None)
    assert traffic.wait_connected() == 100
    traffic.start_probes()
    kill(lab)
    during = path(lab)
    assert during["used"] and during["reason"].endswith("stale")
    assert set(lab.router.nexthops(SERVICE)) == {node.address for node in lab.nodes.values()}
    traffic.wait_rounds(2)
    start_again(lab)
    traffic.wait_rounds(2)
    harvest = traffic.finish()
    traffic.end()
    assert not [flow for flow in harvest.flows if flow["broken"]]
    always = Window(0, 1 << 63)
    assert {len(nodes) for nodes in nodes_by_port(harvest.seen, always).values()} == {1}
    arrived = sum(record.protocol == UDP for records in harvest.seen.values() for record in records)
    assert arrived == len(harvest.sent)


def test_a_link_that_fails_during_the_restart_takes_the_traffic_away(lab):
    flows = udp_nodes(lab, SERVICE, PORTS)
    kill(lab)
    node = lab.nodes["node1"]
    netns.ip("link", "set", FAR_DEVICE, "down", ns=node.ns)
    lab.wait_for(SERVICE, REST)
    now = udp_nodes(lab, SERVICE, PORTS)
    assert {port for port in PORTS if now[port] != flows[port]} == {p for p in PORTS if flows[p] == "node1"}
    assert path(lab)["reason"].endswith("stale, but its nexthop does not answer")
    netns.ip("link", "set", FAR_DEVICE, "up", ns=node.ns)
    netns.ip("route", "replace", "default", "via", router_address(1), ns=node.ns)
    start_again(lab)
    lab.wait_for(SERVICE, set(lab.nodes))
    assert udp_nodes(lab, SERVICE, PORTS) == flows


def test_a_node_that_vanishes_without_a_word_is_left(lab):
    """Long before the two minutes that its daemon has for its restart: it is asked for by ARP every second."""
    traffic = Traffic(lab, 30, lambda _: None)
    assert traffic.wait_connected() == 30
    traffic.start_probes()
    traffic.wait_rounds(1)
    kill(lab)
    node = lab.nodes["node1"]
    begin = time.time_ns()
    netns.run(node.ns, "nft", SILENT)  # nothing comes in either, and nothing leaves: no FIN, no link that fails
    lab.wait_for(SERVICE, REST)
    out = time.time_ns()
    assert path(lab)["stale"]
    traffic.wait_rounds(2)
    harvest = traffic.finish()
    traffic.end()
    window = Window(begin, time.time_ns())
    mine = {port for port, name in owners(harvest.seen, Window(0, begin), UDP).items() if name == "node1"}
    assert mine
    lost = outage_ms(harvest.seen, harvest.sent, mine, FIRST_PORT, PROBE_FLOWS, window)
    rest = outage_ms(harvest.seen, harvest.sent, set(traffic.probe_ports()) - mine, FIRST_PORT, PROBE_FLOWS, window)
    print(f"\nout of the group {(out - begin) / 1e6:.0f} ms after it fell silent; its own flows were away for {lost:.0f} ms, "
          f"those of the others for {rest:.0f} ms")
    assert rest == 0
    netns.run(node.ns, "nft", "delete table netdev silent")
    start_again(lab)
    lab.wait_for(SERVICE, set(lab.nodes))


# A daemon by hand, at one more address of node1.
BY_HAND = "10.0.1.70"
COMES_AGAIN, DOES_NOT = "203.0.113.70", "203.0.113.71"
END_OF_RIB = message(UPDATE, bytes(4))


def update(*services: str) -> bytes:
    attrs = bytes.fromhex("40010100 4002060201") + struct.pack("!I", NODE_ASN)
    attrs += bytes.fromhex("400304") + socket.inet_aton(BY_HAND)
    nlri = b"".join(b"\x20" + socket.inet_aton(service) for service in services)
    return message(UPDATE, bytes(2) + struct.pack("!H", len(attrs)) + attrs + nlri)


def by_hand(lab, seconds: int, first: bytes) -> RawPeer:
    """A session whose routes may be kept for so long, with its first messages."""
    peer = RawPeer(lab.nodes["node1"].ns, BY_HAND, router_address(1))
    peer.establish(NODE_ASN, BY_HAND, (graceful_restart(seconds),))
    peer.send(first)
    return peer


def kept(lab, service: str) -> str:
    """ "fresh", "stale" or "gone"."""
    for route in lab.router.ecmpctl("show", "routes", f"{service}/32").get("routes", []):
        for one in route["paths"]:
            if one["peer"] == BY_HAND:
                return "stale" if one["stale"] else "fresh"
    return "gone"


def wait_kept(lab, first: str, second: str) -> None:
    def states() -> tuple[str, str]:
        return kept(lab, COMES_AGAIN), kept(lab, DOES_NOT)

    wait_until(lambda: states() == (first, second), f"two routes to be {first} and {second}", SETTLE_SECONDS)


@pytest.fixture(scope="module")
def hand(lab):
    netns.ip("addr", "add", f"{BY_HAND}/24", "dev", FAR_DEVICE, ns=lab.nodes["node1"].ns)
    return lab


def test_what_does_not_come_again_goes_at_end_of_rib(hand):
    with by_hand(hand, 120, update(COMES_AGAIN, DOES_NOT) + END_OF_RIB):
        wait_kept(hand, "fresh", "fresh")
    wait_kept(hand, "stale", "stale")
    wait_until(lambda: hand.router.nexthops(DOES_NOT) == {BY_HAND}, "packets to go there still", SETTLE_SECONDS)
    with by_hand(hand, 120, update(COMES_AGAIN)) as peer:
        wait_kept(hand, "fresh", "stale")
        peer.send(END_OF_RIB)
        wait_kept(hand, "fresh", "gone")
        wait_until(lambda: not hand.router.nexthops(DOES_NOT), "packets to go there no longer", SETTLE_SECONDS)
    wait_kept(hand, "stale", "gone")
    with RawPeer(hand.nodes["node1"].ns, BY_HAND, router_address(1)) as peer:
        peer.establish(NODE_ASN, BY_HAND)  # without a word about restarts
        wait_kept(hand, "gone", "gone")


def test_routes_of_a_daemon_that_is_not_back_in_time_go(hand):
    """Though its node and its link are there: it answers ARP all the while."""
    log = hand.run.log("router")
    before = log.read_text().count(f"{BY_HAND}: not back within its restart time")
    with by_hand(hand, 3, update(COMES_AGAIN, DOES_NOT) + END_OF_RIB):
        wait_kept(hand, "fresh", "fresh")
    wait_kept(hand, "gone", "gone")
    text = log.read_text()
    assert text.rindex("routes kept for 3 s") < text.rindex(f"{BY_HAND}: not back within its restart time")
    assert text.count(f"{BY_HAND}: not back within its restart time") == before + 1
    assert set(hand.router.nexthops(SERVICE)) == {node.address for node in hand.nodes.values()}
