"""What a capture makes of a packet, and what its filter lets through, with packets built by scapy."""

import socket

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption

from lab import capture, netns, records
from lab.router import SERVICE_NETWORK
from lab.run import Run
from lab.topology import FAR_DEVICE, build, node_address
from lab.wait import wait_until

CLIENT, SERVICE = "10.0.0.2", "203.0.113.10"
NODE = node_address(1)


def test_parse_reads_the_tuple_behind_options():
    packet = bytes(IP(src=CLIENT, dst=SERVICE, options=[IPOption(b"\x01" * 8)]) / TCP(sport=40000, dport=7, flags="PA"))
    record = capture.parse(packet, 5)
    assert record.flow == (records.TCP, 0x0A000002, 40000, 0xCB00710A, 7)
    assert (record.time_ns, record.flags & records.PSH) == (5, records.PSH)


def test_parse_reads_the_number_of_a_probe():
    packet = bytes(IP(src=CLIENT, dst=SERVICE) / UDP(sport=20001, dport=7) / b"\x00\x01\x02\x03")
    assert capture.parse(packet, 5).number == 0x00010203


@pytest.fixture(scope="module")
def node(root):
    """A node's namespace, and a raw socket at the router's end of its link."""
    with Run() as run:
        topology = build(run, ["node1"], [SERVICE])
        with netns.inside(topology.router):
            wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM)
        link = netns.ip("-br", "link", "show", FAR_DEVICE, ns=topology.nodes[0])
        mac = bytes.fromhex(link.split()[2].replace(":", ""))
        with wire:
            yield topology.nodes[0], lambda packet: wire.sendto(bytes(packet), ("veth1", 0x0800, 0, 0, mac))


def test_the_filter_keeps_connections_and_probes_only(node):
    ns, send = node
    with netns.inside(ns):
        sock = capture.open_capture(FAR_DEVICE, SERVICE_NETWORK)
    kept = [TCP(sport=1, flags="S"), TCP(sport=2, flags="PA"), TCP(sport=3, flags="R"), TCP(sport=4, flags="FA")]
    kept.append(UDP(sport=5))
    with sock:
        send(IP(src=CLIENT, dst=SERVICE) / TCP(sport=6, dport=7, flags="A"))
        send(IP(src=CLIENT, dst=SERVICE) / ICMP())
        send(IP(src=CLIENT, dst=NODE) / TCP(sport=7, dport=179, flags="S"))
        for part in kept:
            send(IP(src=CLIENT, dst=SERVICE) / part)
        got = []

        def all_there() -> bool:
            while (record := capture.receive(sock)) is not None:
                got.append(record)
            return len(got) >= len(kept)

        wait_until(all_there, "the packets of interest", 20)
        assert [record.sport for record in got] == [1, 2, 3, 4, 5]
        assert capture.dropped(sock) == 0
