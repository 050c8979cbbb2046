"""Sub-ports: two nodes, each reached over a VLAN on the wire of a port that goes on with its untagged frames.

node1's VLAN is 10, node2's is 20 and has a smaller MTU than its wire.
"""

import json
import signal
import subprocess

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Dot1Q, Ether
from scapy.utils import rdpcap

from lab import netns
from lab.echo import NAME_PORT
from lab.flows import tcp_nodes, udp_nodes
from lab.lab import SERVICE, Lab
from lab.programs import ROOT
from lab.topology import CLIENT_ADDRESS, FAR_DEVICE, node_address, router_address
from lab.wait import wait_until
from test_accounting import counted, sums
from test_glean import ping
from test_seeing import capturing, tracing
from vlan_tap import open_wire, tci_of
from wire import Wire

PORTS = range(20000, 20200)
VLANS = {1: 10, 2: 20}
SMALL_MTU = 1000
SUB_PORT = """
[[port]]
name = "node{n}.{vlan}"
parent = "node{n}"
vlan = {vlan}
address = "10.0.{subnet}.1/24"
{more}
"""
ROUTE = """
[[route]]
prefix = "{service}/32"
nexthops = [{{ via = "10.0.51.11" }}, {{ via = "10.0.52.11" }}]
"""


def own_end(lab, n: int) -> None:
    """The node's interface on its VLAN, by which it answers from then on."""
    node, name = lab.nodes[f"node{n}"], f"v{VLANS[n]}"
    argv = ["/usr/bin/python3", str(ROOT / "tests/net/vlan_tap.py"), FAR_DEVICE, str(VLANS[n]), name]
    tap = lab.run.spawn(name, node.ns, argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert tap.stdout.readline() == "ready\n", lab.run.tail(name)
    netns.ip("addr", "add", f"10.0.5{n}.11/24", "dev", name, ns=node.ns)
    netns.ip("route", "replace", "default", "via", f"10.0.5{n}.1", ns=node.ns)


@pytest.fixture(scope="module", params=["af_packet", "af_xdp"])
def lab(request, ecmpd):
    more = "".join(
        SUB_PORT.format(n=n, vlan=vlan, subnet=50 + n, more=f"mtu = {SMALL_MTU}" if n == 2 else "")
        for n, vlan in VLANS.items()
    )
    options = {"device": request.param, "more": more + ROUTE.format(service=SERVICE)}
    with Lab(nodes={"node1": "bird", "node2": "bird"}, **options) as lab:
        lab.start_echoes()
        lab.router.start()
        for n in VLANS:
            own_end(lab, n)
        wait_until(lambda: lab.router.nexthops(SERVICE) == {"10.0.51.11", "10.0.52.11"}, "both nexthops", 30)
        yield lab


def port(lab, name: str) -> dict:
    return next(row for row in lab.router.ecmpctl("show", "ports")["ports"] if row["name"] == name)


def test_services_are_reached_over_the_vlans_and_answer_over_them(lab):
    before = {n: port(lab, f"node{n}") for n in VLANS}
    nodes = udp_nodes(lab, SERVICE, PORTS)
    assert set(nodes.values()) == set(lab.nodes)
    assert set(tcp_nodes(lab, SERVICE, PORTS).values()) == set(lab.nodes)
    for source in PORTS[:50]:
        via = lab.router.explain(CLIENT_ADDRESS, SERVICE, "udp", source, NAME_PORT)
        assert via == f"10.0.5{nodes[source][-1]}.11"
    for n, vlan in VLANS.items():
        sub, trunk = port(lab, f"node{n}.{vlan}"), port(lab, f"node{n}")
        flows = sum(name == f"node{n}" for name in nodes.values())
        assert sub["rx_packets"] >= flows and sub["tx_packets"] >= flows
        assert sub["device"] == f"node{n} vlan {vlan}" and sub["link"] and sub["mac"] == trunk["mac"]
        # Nothing of it went, or was counted, without the tag.
        assert trunk["tx_packets"] - before[n]["tx_packets"] < 10 and trunk["rx_packets"] - before[n]["rx_packets"] < 10


def test_a_trace_sees_what_comes_in_by_a_sub_port(lab):
    trace, begin = tracing(lab, "1", "--port", "node1.10", "udp", "src", "port", str(NAME_PORT))
    udp_nodes(lab, SERVICE, PORTS)
    output, errors = trace.communicate(timeout=20)
    assert trace.returncode == 0, errors
    (packet,) = json.loads(begin + output)["trace"]
    assert (packet["in"], packet["sport"], packet["dst"]) == ("node1.10", NAME_PORT, CLIENT_ADDRESS)


def test_a_capture_of_a_sub_port_has_what_its_filter_asks_for_in_both_directions(lab, tmp_path):
    file = tmp_path / "out.pcapng"
    capture = capturing(lab, file, "--port", "node1.10", "icmp", "and", "host", "10.0.51.11")
    assert ping(lab.client, "10.0.51.11", "-c", "1", "-W", "10").returncode == 0
    wait_until(lambda: len(rdpcap(str(file))) == 2, "request and reply in the file", 20)
    capture.send_signal(signal.SIGINT)
    assert capture.wait(timeout=20) == 0
    packets = [Ether(bytes(frame)) for frame in rdpcap(str(file))]
    assert {packet[IP].dst for packet in packets} == {"10.0.51.11", CLIENT_ADDRESS}
    assert all(Dot1Q not in packet for packet in packets)


def test_the_router_is_a_host_on_vlan_and_wire(lab):
    for n in VLANS:
        ns = lab.nodes[f"node{n}"].ns
        for address in (f"10.0.5{n}.1", router_address(n)):
            assert ping(ns, address, "-c", "1", "-W", "10").returncode == 0, address
    assert ping(lab.client, "10.0.51.11", "-c", "1", "-W", "10").returncode == 0
    assert ping(lab.client, node_address(1), "-c", "1", "-W", "10").returncode == 0


def test_packets_of_full_size_pass_and_longer_ones_are_fragmented_to_the_sub_ports_mtu(lab):
    def full(address: str, size: int, *options: str) -> subprocess.CompletedProcess:
        return ping(lab.client, address, "-c", "1", "-W", "10", "-s", str(size - 28), *options)

    assert full("10.0.51.11", 1500, "-M", "do").returncode == 0
    assert full("10.0.52.11", SMALL_MTU, "-M", "do").returncode == 0
    before = sum(worker["fragments"] for worker in lab.router.ecmpctl("show", "workers")["workers"])
    assert full("10.0.52.11", 1500, "-M", "dont").returncode == 0
    after = sum(worker["fragments"] for worker in lab.router.ecmpctl("show", "workers")["workers"])
    assert after == before + 1
    refused = full("10.0.52.11", 1500, "-M", "do")
    assert refused.returncode != 0 and f"mtu = {SMALL_MTU}" in refused.stdout + refused.stderr, refused


def test_the_priority_of_a_tag_is_kept_and_others_have_none(lab):
    router = port(lab, "node1")["mac"]
    high = 5 << 13 | 1 << 12
    sent = {  # by IP identification: the tag that node1 sends, and the one that has to arrive at node2
        1001: (Dot1Q(vlan=VLANS[1], prio=5, id=1), high | VLANS[2]),
        1002: (Dot1Q(vlan=VLANS[1]), VLANS[2]),
        1003: (Dot1Q(vlan=0, prio=5, id=1), high | VLANS[2]),
        1004: (None, VLANS[2]),
    }
    with netns.inside(lab.nodes["node2"].ns), Wire(lab.nodes["node1"].ns) as wire, open_wire(FAR_DEVICE) as far:
        far.settimeout(20)
        for number, (tag, _) in sent.items():
            packet = IP(src=node_address(1), dst="10.0.52.11", id=number) / UDP(sport=9, dport=9) / bytes(1200)
            wire.put(bytes(Ether(src=wire.mac, dst=router) / (tag / packet if tag else packet)))
        seen: dict[int, list[int]] = {number: [] for number in sent}
        while not all(len(tags) == 2 for tags in seen.values()):  # two fragments each
            frame, ancillary, _, _ = far.recvmsg(65536, 256)
            packet = Ether(frame)
            if IP in packet and packet[IP].src == node_address(1) and packet[IP].dst == "10.0.52.11":
                seen[packet[IP].id].append(tci_of(ancillary))
    assert seen == {number: [tci] * 2 for number, (_, tci) in sent.items()}


def test_a_tag_of_no_sub_port_is_a_drop_of_its_own_and_everything_is_accounted_for(lab):
    before = counted(lab)["vlan_unknown"]
    router = port(lab, "node1")["mac"]
    packet = IP(src=node_address(1), dst=SERVICE) / UDP(sport=9, dport=9)
    tags = [Dot1Q(vlan=11), Dot1Q(vlan=20), Dot1Q(vlan=10) / Dot1Q(vlan=10)]
    with Wire(lab.nodes["node1"].ns) as wire:
        for tag in tags:
            wire.put(bytes(Ether(src=wire.mac, dst=router) / tag / packet))
    wait_until(lambda: counted(lab)["vlan_unknown"] == before + len(tags), "each of them to be dropped", 20)
    wait_until(lambda: len(set(sums(lab))) == 1, "the sums to agree", 20)


def test_the_sub_port_goes_down_and_comes_up_with_its_wire(lab):
    netns.ip("link", "set", FAR_DEVICE, "down", ns=lab.nodes["node1"].ns)
    wait_until(lambda: lab.router.nexthops(SERVICE) == {"10.0.52.11"}, "the nexthop to leave", 30)
    assert not port(lab, "node1.10")["link"] and not port(lab, "node1")["link"] and port(lab, "node2.20")["link"]
    netns.ip("link", "set", FAR_DEVICE, "up", ns=lab.nodes["node1"].ns)
    wait_until(lambda: lab.router.nexthops(SERVICE) == {"10.0.51.11", "10.0.52.11"}, "the nexthop to return", 30)
