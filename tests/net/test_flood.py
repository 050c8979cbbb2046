"""Floods of the router's own addresses cost no session: the surplus is policed, and forwarding goes on.

The sessions' hold time is a few seconds, and every flood lasts longer than that.
"""

import time
from pathlib import Path

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import ARP, Ether

from lab.flows import udp_nodes
from lab.lab import SERVICE
from lab.topology import CLIENT_ADDRESS, FAR_DEVICE, node_address, router_address
from lab.wait import wait_until
from lab.worker import PYTHON
from wire import Wire

HOLD = 6
PORTS = range(20000, 20050)
FLOOD = Path(__file__).with_name("flood.py")
BROADCAST = "ff:ff:ff:ff:ff:ff"


@pytest.fixture(scope="module")
def lab(make_lab):
    nodes = {"node1": "bird", "node2": "bird", "node3": "bird"}
    return make_lab(nodes=nodes, listen={"hold_time": HOLD})


def echoes(target: str):
    return [IP(src=CLIENT_ADDRESS, dst=target) / ICMP(id=n, seq=n) for n in range(200)]


def datagrams(target: str):
    return [IP(src=CLIENT_ADDRESS, dst=target) / UDP(sport=30000 + n, dport=n + 1) / b"flood" for n in range(200)]


def syns(target: str):
    return [IP(src=CLIENT_ADDRESS, dst=target) / TCP(sport=30000 + n, dport=179, flags="S") for n in range(200)]


def write_frames(lab, frames) -> Path:
    path = lab.run.folder / "flood.frames"
    path.write_text("".join(f"{bytes(frame).hex()}\n" for frame in frames))
    return path


def dropped(lab, reason: str) -> int:
    return next(row["packets"] for row in lab.router.ecmpctl("show", "drops")["drops"] if row["reason"] == reason)


def established(lab) -> dict[str, str]:
    """Since when, by the second: the far ends' word."""
    return {name: node.speaker.established_since().split(".")[0] for name, node in lab.nodes.items()}


def flood(lab, ns: str, frames, meanwhile=lambda: None) -> None:
    """For longer than the hold time, while the services are asked again and again and answer as before."""
    before, flows, policed = established(lab), udp_nodes(lab, SERVICE, PORTS), dropped(lab, "punt_policed")
    assert all(before.values())
    process = lab.run.spawn("flood", ns, [PYTHON, str(FLOOD), FAR_DEVICE, str(write_frames(lab, frames))])
    try:
        started = time.monotonic()
        while time.monotonic() < started + 2 * HOLD:
            assert udp_nodes(lab, SERVICE, PORTS) == flows
            meanwhile()
            assert process.poll() is None
        wait_until(lambda: dropped(lab, "punt_policed") > policed + 1000, "packets to be policed", 20)
    finally:
        lab.run.stop("flood")
    assert same(before, established(lab))
    assert udp_nodes(lab, SERVICE, PORTS) == flows


def same(before: dict[str, str], after: dict[str, str]) -> bool:
    """BIRD computes the time anew whenever it is asked; it may fall on either side of a full second."""

    def seconds(text: str) -> int:
        hours, minutes, rest = text.split(":")
        return int(hours) * 3600 + int(minutes) * 60 + int(rest)

    return all(before[n] and after[n] and abs(seconds(before[n]) - seconds(after[n])) <= 1 for n in before)


@pytest.mark.parametrize("make", [echoes, datagrams, syns], ids=["icmp", "udp", "syn"])
@pytest.mark.parametrize("target", [router_address(0), router_address(2)], ids=["near", "far"])
def test_a_flood_from_the_client_costs_no_session(lab, make, target):
    with Wire(lab.client) as wire:
        mac = wire.ask(ARP(op="who-has", psrc=CLIENT_ADDRESS, pdst=router_address(0)), BROADCAST)[ARP].hwsrc
        frames = [Ether(src=wire.mac, dst=mac) / packet for packet in make(target)]
    flood(lab, lab.client, frames)


@pytest.mark.parametrize("dst", [BROADCAST, "unicast"], ids=["broadcast", "unicast"])
def test_a_flood_of_arp_from_one_node_costs_no_session_and_no_neighbor(lab, dst):
    node, router = lab.nodes["node1"], router_address(1)
    with Wire(node.ns) as wire:
        mac = wire.ask(ARP(op="who-has", psrc=node_address(1), pdst=router), BROADCAST)[ARP].hwsrc
        senders = [f"10.0.1.{host}" for host in range(100, 200)]
        requests = [
            Ether(src=wire.mac, dst=mac if dst == "unicast" else dst)
            / ARP(op="who-has", hwsrc=wire.mac, psrc=sender, pdst=router)
            for sender in senders
        ]
    question = ARP(op="who-has", psrc=node_address(2), pdst=router_address(2))
    with Wire(lab.nodes["node2"].ns) as other:
        # Each is sent once: another node's question is never a part of the surplus.
        flood(lab, node.ns, requests, lambda: other.ask(question, BROADCAST))
