"""Datagrams longer than their sender's MTU: every fragment goes the same way, unchanged, and the answer's fragments come back.

Whatever their order: a router that chose by ports, which only the first fragment has, would send the others elsewhere.
"""

import random
import select
import socket
import subprocess
from contextlib import ExitStack

import pytest
from scapy.layers.inet import IP, UDP, fragment
from scapy.layers.inet6 import IPv6, IPv6ExtHdrFragment, fragment6
from scapy.packet import Packet, Raw

from lab import netns
from lab.lab import SERVICE, Lab
from lab.topology import add_ipv6, node_address6
from test_ipv6 import GLOBAL, MAPPED, NODES, route, whole
from test_jumbo import fragments
from wire import Wire

PORT = 4711
SENDERS = 24
LENGTH = 4000
PIECE = 600


def test_fragmented_datagrams_arrive_both_ways(make_lab):
    lab = make_lab(nodes={"node1": "bird", "node2": "bird"})
    ping = netns.command(lab.client, "ping", "-c", "5", "-i", "0.2", "-s", "4000", SERVICE)
    answer = subprocess.run(ping, capture_output=True, text=True)
    assert " 0% packet loss" in answer.stdout, answer.stdout


@pytest.fixture(scope="module")
def static_lab(ecmpd):
    nexthops = [f'{{ via = "{node_address6(n)}" }}' for n in (1, 2, 3)]
    more = route(f"{GLOBAL}/128", nexthops) + route(f"{MAPPED}/32", nexthops)
    with Lab(nodes=dict.fromkeys(NODES, "bird"), services=(), ipv6=True, more=more) as lab:
        add_ipv6(lab.topology, [GLOBAL, MAPPED])
        lab.router.start()
        for prefix in (f"{GLOBAL}/128", f"{MAPPED}/32"):
            whole(lab, prefix)
        yield lab


def pieces(service: str, sender: int, payload: bytes) -> list[Packet]:
    """One datagram in fragments; each sender has an address and a source port of its own."""
    datagram = UDP(sport=20000 + sender, dport=PORT) / Raw(payload)
    if ":" in service:
        header = IPv6(src=f"fd00::{0x100 + sender:x}", dst=service) / IPv6ExtHdrFragment(id=sender)
        return fragment6(header / datagram, PIECE)
    return fragment(IP(src=f"10.0.0.{100 + sender}", dst=service, id=sender) / datagram, PIECE)


@pytest.mark.parametrize("service", [MAPPED, GLOBAL])
def test_fragments_out_of_order_meet_at_one_node(static_lab, service):
    lab, chance, served = static_lab, random.Random(7), set()
    mac = next(port["mac"] for port in lab.router.ecmpctl("show", "ports")["ports"] if port["name"] == "client")
    with ExitStack() as stack:
        wire = stack.enter_context(Wire(lab.client))
        sockets = {}
        for name, node in lab.nodes.items():
            with netns.inside(node.ns):
                family = socket.AF_INET6 if ":" in service else socket.AF_INET
                sock = stack.enter_context(socket.socket(family, socket.SOCK_DGRAM))
            sock.bind((service, PORT))
            sockets[sock] = name
        for sender in range(SENDERS):
            payload = chance.randbytes(LENGTH)
            parts = pieces(service, sender, payload)
            assert len(parts) > LENGTH // PIECE
            order = parts[::-1] if sender == 0 else chance.sample(parts, len(parts))
            for part in order:
                wire.send(part, mac)
            ready, _, _ = select.select(list(sockets), [], [], 20)
            assert len(ready) == 1, f"{service}, sender {sender}: at no node are all fragments"
            data, source = ready[0].recvfrom(2 * LENGTH)
            assert (data, source[1]) == (payload, 20000 + sender)
            served.add(sockets[ready[0]])
    assert served == set(NODES)
    assert fragments(lab) == 0, "the router cut nothing itself"
