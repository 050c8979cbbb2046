"""The same traffic whatever is behind the ports: kernel interfaces over AF_PACKET or AF_XDP, or TAP interfaces.

And in each case the kernel neither answers nor forwards beside the twin, not even when it is told to forward.
"""

import re

import pytest
from scapy.layers.inet import ICMP, IP
from scapy.layers.l2 import ARP

from lab import netns
from lab.echo import ECHO_PORT, NAME_PORT
from lab.flows import tcp_nodes, udp_nodes
from lab.lab import SERVICE
from lab.topology import CLIENT_ADDRESS, node_address, router_address
from lab.worker import Worker
from wire import Wire

PORTS = range(20000, 20200)
CONNECTIONS = 200


@pytest.fixture(scope="module", params=["af_packet", "af_xdp", "tap"])
def lab(request, make_lab):
    lab = make_lab(device=request.param)
    netns.sysctl(lab.topology.router, "net.ipv4.ip_forward", 1)
    return lab


def test_connections_are_spread_and_their_echoes_come_back(lab):
    arguments = [SERVICE, str(ECHO_PORT), str(CONNECTIONS), "0.5", "5", "200"]
    client = Worker(lab.run, "client", lab.client, "client", arguments)
    client.wait("connected", 60)
    rounds = client.wait("progress")["rounds"]
    while client.ask("report", "flows") and client.last["progress"]["rounds"] < rounds + 3:
        client.check_alive()
    flows = client.ask("report", "flows")["flows"]
    client.say("quit")
    assert [flow for flow in flows if not flow["established"] or flow["broken"]] == []
    assert len(flows) == CONNECTIONS


def test_explain_names_the_node_that_served(lab):
    served = tcp_nodes(lab, SERVICE, PORTS)
    assert set(served.values()) == set(lab.nodes)
    explained = {
        port: lab.node_at(lab.router.explain(CLIENT_ADDRESS, SERVICE, "tcp", port, NAME_PORT)) for port in PORTS
    }
    assert explained == served


def test_sessions_are_established(lab):
    peers = lab.router.ecmpctl("show", "bgp", "summary")["ipv4Unicast"]["peers"]
    assert {address: peer["state"] for address, peer in peers.items()} == {
        node.address: "Established" for node in lab.nodes.values()
    }


def test_one_answer_to_each_question_and_no_second_forwarder(lab):
    """What a kernel beside the twin said would have arrived before the answer to the next question."""
    router, node = router_address(1), lab.nodes["node1"]
    with Wire(node.ns) as wire, Wire(lab.nodes["node2"].ns) as other:
        mac = wire.ask(ARP(op="who-has", psrc=node.address, pdst=router), dst="ff:ff:ff:ff:ff:ff")[ARP].hwsrc
        wire.ask(IP(src=node.address, dst=router) / ICMP(id=1, seq=1), dst=mac)
        # Through the router to another node, which answers: once there, once back.
        wire.ask(IP(src=node.address, dst=node_address(2)) / ICMP(id=1, seq=2), dst=mac)
        wire.ask(IP(src=node.address, dst=router) / ICMP(id=1, seq=3), dst=mac)
        answers = [frame for frame in wire.seen if ARP in frame and frame[ARP].op == 2 and frame[ARP].psrc == router]
        assert [frame[ARP].hwsrc for frame in answers] == [mac]
        assert [f[ICMP].seq for f in wire.seen if ICMP in f and f[ICMP].type == 0] == [1, 2, 3]
        assert [f[ICMP].seq for f in other.drain() if ICMP in f and f[ICMP].type == 8] == [2]
    assert udp_nodes(lab, SERVICE, PORTS) == udp_nodes(lab, SERVICE, PORTS)
    assert netns.snmp(lab.topology.router, "Ip", "ForwDatagrams") == 0


def test_what_a_device_lacks_is_one_line_for_each_port(lab):
    """A veth has no zero-copy, and net_af_xdp sends no chains of segments; net_af_packet and net_tap do."""
    log = lab.run.log("router").read_text()
    lacking = ["no zero-copy: ", "no sending of packets in several segments: "] if "af_xdp" in lab.router.config() else []
    clamps = [line for line in log.splitlines() if " port: " in line and ": no " in line]
    assert len(clamps) == len(lacking) * len(lab.topology.ports), log
    for port in lab.topology.ports:
        for what in lacking:
            assert len([line for line in clamps if f"info  port: {port.name}: {what}" in line]) == 1, log
    assert "error" not in log
    # Nothing that DPDK's drivers use writes past our log.
    assert [line for line in log.splitlines() if not re.match(r"20\d\d-\d\d-\d\d ", line)] == []
