"""Nodes whose link layer changes while BGP notices nothing: silence, another MAC address, a host never heard of.

The router finds out by its own probes. BGP's hold time here is 90 s, so whatever happens before half of it has passed
is not BGP's doing; how fast it really was is in the report as a property, not an assertion.
"""

import socket
import subprocess
import time

import pytest

from lab import netns
from lab.flows import udp_nodes
from lab.lab import SERVICE
from lab.topology import FAR_DEVICE
from lab.wait import wait_until

PORTS = range(20000, 20200)
HALF_HOLD = 45

# Nothing comes in, nothing goes out, ARP neither; the link stays up.
MUTE = f"""table netdev mute {{
  chain in {{ type filter hook ingress device "{FAR_DEVICE}" priority 0; policy drop; }}
  chain out {{ type filter hook egress device "{FAR_DEVICE}" priority 0; policy drop; }}
}}
"""


@pytest.fixture(scope="module")
def lab(make_lab):
    return make_lab(nodes={"node1": "bird", "node2": "bird", "node3": "bird"})


def nft(ns: str, *words: str, rules: str | None = None) -> None:
    subprocess.run(netns.command(ns, "nft", *words), input=rules, text=True, check=True)


@pytest.fixture
def speaking(lab):
    """Nobody is mute before the test or after it."""
    yield lab
    for node in lab.nodes.values():
        nft(node.ns, "-f", "-", rules="table netdev mute\ndelete table netdev mute\n")


def test_a_node_that_falls_silent_is_out_long_before_bgp_notices(speaking, record_property):
    lab = speaking
    node = lab.nodes["node2"]
    before = udp_nodes(lab, SERVICE, PORTS)
    session = node.speaker.established_since()
    started = time.monotonic()
    nft(node.ns, "-f", "-", rules=MUTE)
    lab.wait_for(SERVICE, {"node1", "node3"}, HALF_HOLD)
    record_property("seconds_until_out", round(time.monotonic() - started, 2))
    during = udp_nodes(lab, SERVICE, PORTS)
    assert {port for port in PORTS if before[port] != during[port]} == {p for p in PORTS if before[p] == "node2"}

    started = time.monotonic()
    nft(node.ns, "delete", "table", "netdev", "mute")
    lab.wait_for(SERVICE, set(lab.nodes), HALF_HOLD)
    record_property("seconds_until_back", round(time.monotonic() - started, 2))
    assert udp_nodes(lab, SERVICE, PORTS) == before
    assert node.speaker.established_since() == session


def test_a_changed_mac_address_is_followed(lab, record_property):
    node = lab.nodes["node3"]
    before = udp_nodes(lab, SERVICE, PORTS)
    started = time.monotonic()
    netns.ip("link", "set", FAR_DEVICE, "address", "02:00:00:00:03:99", ns=node.ns)
    udp_nodes(lab, SERVICE, PORTS, seconds=HALF_HOLD)  # every flow is answered again, by whomever
    wait_until(lambda: udp_nodes(lab, SERVICE, PORTS) == before, "the flows to be home again", HALF_HOLD)
    record_property("seconds", round(time.monotonic() - started, 2))


def test_a_packet_to_an_unknown_host_resolves_it(lab):
    node, address = lab.nodes["node1"], "10.0.1.77"
    netns.ip("addr", "add", f"{address}/24", "dev", FAR_DEVICE, ns=node.ns)
    with netns.inside(node.ns):
        host = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with netns.inside(lab.client):
        client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with host, client:
        host.bind((address, 9))
        host.setblocking(False)

        def arrived() -> bool:
            client.sendto(b"hello", (address, 9))
            try:
                return host.recv(64) == b"hello"
            except BlockingIOError:
                return False

        wait_until(arrived, f"a datagram at {address}", 20)
