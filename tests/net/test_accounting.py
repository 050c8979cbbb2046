"""Every packet is accounted for over a running daemon, after mixed traffic and frames made of noise.

At rest: received + injected = sent + punted + dropped.
"""

import random

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import ARP, Dot1Q, Ether

from lab.flows import tcp_nodes, udp_nodes
from lab.lab import SERVICE
from lab.topology import CLIENT_ADDRESS, node_address, router_address
from lab.wait import wait_until
from wire import Wire

PORTS = range(20000, 20100)
SEED = 20260101
FRAMES = 20000


@pytest.fixture(scope="module")
def lab(make_lab):
    return make_lab(nodes={"node1": "bird", "node2": "bird", "node3": "bird"})


def sums(lab) -> tuple[int, int]:
    """(what came, what became of it)"""
    ports, workers, drops = (lab.router.ecmpctl("show", what)[what] for what in ("ports", "workers", "drops"))
    came = sum(p["rx_packets"] for p in ports) + sum(w["injected"] for w in workers)
    went = sum(p["tx_packets"] for p in ports) + sum(w["punted"] for w in workers) + sum(d["packets"] for d in drops)
    return came, went


def counted(lab) -> dict[str, int]:
    return {row["reason"]: row["packets"] for row in lab.router.ecmpctl("show", "drops")["drops"]}


def frames(source: str, router: str) -> list[bytes]:
    """One of each kind to begin with: good ones, bad ones, and ones for somebody else."""
    link = Ether(src=source, dst=router)
    me = dict(src=CLIENT_ADDRESS)
    unknown = [link / IP(**me, dst=f"10.0.2.{host}") / UDP(sport=9, dport=9) for host in range(200, 210)]
    return [
        bytes(frame)
        for frame in [
            link / IP(**me, dst=SERVICE) / UDP(sport=20000, dport=7) / b"echo",
            link / IP(**me, dst=SERVICE) / TCP(sport=20000, dport=9, flags="S"),
            link / IP(**me, dst=SERVICE, flags="MF") / UDP(sport=20000, dport=7) / bytes(64),
            link / IP(**me, dst=SERVICE, ttl=1) / UDP(sport=20000, dport=7),
            link / IP(**me, dst="192.0.2.1") / UDP(sport=20000, dport=7),
            link / IP(**me, dst=router_address(3)) / ICMP(),
            link / IP(**me, dst="10.0.2.255") / UDP(sport=20000, dport=7),
            link / IP(src="127.0.0.1", dst=SERVICE) / UDP(),
            link / IP(**me, dst="224.0.0.5") / UDP(),
            link / IP(**me, dst=SERVICE, chksum=1) / UDP(),
            link / IPv6(src="fd00::2", dst="2001:db8::1") / UDP(),
            link / IPv6(src="fd00::2", dst="fe80::9") / UDP(),
            link / IPv6(src="fd00::2", dst="ff0e::1") / UDP(),
            link / IPv6(src="fd00::2", dst="::1") / UDP(),
            link / IPv6(src="::1", dst="2001:db8::1") / UDP(),
            link / IPv6(src="fd00::2", dst="2001:db8::1", version=5) / UDP(),
            link / IPv6(src="fd00::2", dst="2001:db8::1", plen=999) / UDP(),
            Ether(src=source, dst="33:33:00:00:00:01") / IPv6(src="fd00::2", dst="2001:db8::1") / UDP(),
            link / Dot1Q(vlan=5) / IP(**me, dst=SERVICE) / UDP(),
            Ether(src=source, dst="02:00:00:00:00:99") / IP(**me, dst=SERVICE) / UDP(),
            Ether(src=source, dst="ff:ff:ff:ff:ff:ff") / ARP(op="who-has", psrc=CLIENT_ADDRESS, pdst=router_address(0)),
            *unknown,
        ]
    ]


def spoiled(rng: random.Random, frame: bytes) -> bytes:
    """Cut, lengthened, or with some bytes changed."""
    data = bytearray(frame)
    for _ in range(rng.randrange(4)):
        data[rng.randrange(6 if rng.random() < 0.9 else 0, len(data))] = rng.randrange(256)
    if rng.random() < 0.2:
        del data[rng.randrange(15, len(data)) :]
    if rng.random() < 0.2:
        data += rng.randbytes(rng.randrange(1400))
    return bytes(data)


def noise(rng: random.Random, source: str, router: str) -> bytes:
    header = bytes(Ether(src=source, dst=router))[:12]
    kind = rng.choice([b"\x08\x00", b"\x08\x06", b"\x86\xdd", rng.randbytes(2)])
    return header + kind + rng.randbytes(rng.randrange(1, 1400))


def test_the_sum_holds_at_rest(lab):
    rng = random.Random(SEED)
    with Wire(lab.client) as wire:
        question = ARP(op="who-has", psrc=CLIENT_ADDRESS, pdst=router_address(0))
        router = wire.ask(question, "ff:ff:ff:ff:ff:ff")[ARP].hwsrc
        samples = frames(wire.mac, router)
        for frame in samples:
            wire.put(frame)
        for _ in range(FRAMES):
            wire.put(spoiled(rng, rng.choice(samples)) if rng.random() < 0.8 else noise(rng, wire.mac, router))
        # Whatever was sent before this answer has been through.
        wire.ask(IP(src=CLIENT_ADDRESS, dst=router_address(0)) / ICMP(id=77, seq=1), router)
    tcp_nodes(lab, SERVICE, PORTS)
    udp_nodes(lab, SERVICE, PORTS)
    # Nobody answers for the unknown hosts: what was held for them is given up in the end.
    wait_until(lambda: counted(lab)["unresolved"] > 0, "the unknown hosts to be given up", 20)

    # Sessions and probes go on, so one look may fall in the middle of a packet.
    wait_until(lambda: len(set(sums(lab))) == 1, "the sum to be right", 20)
    drops = counted(lab)
    for reason in (
        "ethernet_runt", "ethernet_destination", "ethertype_unknown", "vlan_unknown", "ipv4_version",
        "ipv4_header_length", "ipv4_total_length", "ipv4_checksum", "ipv4_source", "ipv4_broadcast", "ipv4_multicast",
        "ipv6_version", "ipv6_payload_length", "ipv6_source", "ipv6_destination", "ipv6_broadcast", "ipv6_multicast",
        "ipv6_scope", "ttl_expired", "no_route",
    ):  # fmt: skip
        assert drops[reason] > 0, reason
    assert all(node.speaker.established_since() for node in lab.nodes.values())
    assert node_address(1) in lab.router.nexthops(SERVICE)
