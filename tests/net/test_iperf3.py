"""iperf3 through the router, to one host behind three nodes: every stream of a client may take another of the paths.

    client ---- router ---- node1, node2, node3 (which forward) ---- server
"""

import json
import subprocess

import pytest

from lab import netns
from lab.lab import Lab
from lab.topology import CLIENT_ADDRESS, CLIENT_ADDRESS6, add_ipv6, node_address, node_address6
from lab.wait import wait_until
from test_accounting import sums
from test_ipv6 import NODES, route, whole

SERVER = {4: "198.51.100.10", 6: "2001:db8:51::10"}
CLIENT = {4: CLIENT_ADDRESS, 6: CLIENT_ADDRESS6}
PORT = 5201
STREAMS = 12  # that all take one of three paths happens once in 177,147 times
BYTES = 24_000_000
DATAGRAMS = 2_400
DATAGRAM = 1_200
RATE = 400_000  # bits a second and stream: slow enough for a machine that has other things to do


@pytest.fixture(scope="module")
def lab(ecmpd):
    numbers = range(1, len(NODES) + 1)
    more = route(f"{SERVER[4]}/32", [f'{{ via = "{node_address(n)}" }}' for n in numbers])
    more += route(f"{SERVER[6]}/128", [f'{{ via = "{node_address6(n)}" }}' for n in numbers])
    with Lab(nodes=dict.fromkeys(NODES, "bird"), services=(), ipv6=True, more=more) as lab:
        add_ipv6(lab.topology, [])
        server = lab.run.namespace("server")
        for n, node in enumerate(lab.nodes.values(), 1):
            path_behind(node.ns, server, n)
        for address in SERVER.values():
            netns.ip("addr", "add", address, "dev", "lo", ns=server)
        for family, back in ((4, "10.1.{}.1"), (6, "fd01:{}::1")):
            ways = [word for n in numbers for word in ("nexthop", "via", back.format(n))]
            netns.ip(f"-{family}", "route", "add", "default", "src", SERVER[family], *ways, ns=server)
        lab.run.spawn("iperf3", server, ["iperf3", "-s", "-p", str(PORT), "--forceflush"])
        lab.router.start()
        for family, length in ((4, 32), (6, 128)):
            whole(lab, f"{SERVER[family]}/{length}")
        wait_until(lambda: "listening" in lab.run.tail("iperf3"), "iperf3 to listen", 20)
        yield lab


def path_behind(node: str, server: str, n: int) -> None:
    netns.ip("link", "add", "back", "netns", node, "type", "veth", "peer", "name", f"to{n}", "netns", server)
    for ns, device, last in ((node, "back", 1), (server, f"to{n}", 2)):
        netns.sysctl(ns, f"net.ipv4.conf.{device}.rp_filter", 0)
        netns.ip("addr", "add", f"10.1.{n}.{last}/24", "dev", device, ns=ns)
        netns.ip("addr", "add", f"fd01:{n}::{last}/64", "dev", device, "nodad", ns=ns)
        netns.ip("link", "set", device, "up", ns=ns)
    for ns in (node, server):
        netns.sysctl(ns, "net.ipv4.conf.all.rp_filter", 0)
    netns.sysctl(node, "net.ipv4.ip_forward", 1)
    netns.sysctl(node, "net.ipv6.conf.all.forwarding", 1)
    netns.ip("route", "add", SERVER[4], "via", f"10.1.{n}.2", ns=node)
    netns.ip("route", "add", SERVER[6], "via", f"fd01:{n}::2", ns=node)


def iperf3(lab, family: int, *options: str) -> dict:
    command = ["iperf3", "-c", SERVER[family], "-p", str(PORT), "-P", str(STREAMS), "-J", *options]
    done = subprocess.run(netns.command(lab.client, *command), capture_output=True, text=True, timeout=300)
    out = json.loads(done.stdout)
    assert done.returncode == 0 and "error" not in out, out.get("error")
    assert len(out["end"]["streams"]) == STREAMS
    return out


def carried(lab) -> dict[str, int]:
    """Packets that each node has sent towards the server."""
    packets = {}
    for name, node in lab.nodes.items():
        (link,) = json.loads(netns.run(node.ns, "ip", "-s", "-j", "link", "show", "back"))
        packets[name] = link["stats64"]["tx"]["packets"]
    return packets


def assert_spread(lab, out: dict, family: int, protocol: str, before: dict[str, int], least: int) -> None:
    """Each stream took the path that explain names; `least` packets, at the least, were a stream's."""
    paths = []
    for stream in out["start"]["connected"]:
        via = lab.router.explain(CLIENT[family], SERVER[family], protocol, stream["local_port"], PORT)
        paths.append(NODES[via_node(via) - 1])
    assert len(set(paths)) > 1, paths
    after = carried(lab)
    for name in NODES:
        assert after[name] - before[name] >= least * paths.count(name), (name, paths, before, after)


def via_node(address: str) -> int:
    return int(address.split(":" if ":" in address else ".")[1 if ":" in address else 2].removeprefix("fd00") or 0)


@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize("direction", ["up", "down"])
def test_every_tcp_stream_gets_through_and_they_are_spread(lab, family, direction):
    before = carried(lab)
    out = iperf3(lab, family, "-n", str(BYTES), *(["-R"] if direction == "down" else []))
    assert out["end"]["sum_sent"]["bytes"] >= BYTES
    # What is on its way when the sender has had enough is not waited for.
    for stream in out["end"]["streams"]:
        assert stream["sender"]["bytes"] > 0 and stream["receiver"]["bytes"] > 0, stream
    if direction == "up":
        assert_spread(lab, out, family, "tcp", before, 3)


@pytest.mark.parametrize("family", [4, 6])
def test_every_datagram_arrives_in_order(lab, family):
    before = carried(lab)
    size = str(DATAGRAMS * DATAGRAM)
    out = iperf3(lab, family, "-u", "-l", str(DATAGRAM), "-b", str(RATE), "-n", size)
    for stream in out["end"]["streams"]:
        udp = stream["udp"]
        assert (udp["lost_packets"], udp["out_of_order"]) == (0, 0) and udp["packets"] > 0, udp
    assert sum(stream["udp"]["packets"] for stream in out["end"]["streams"]) >= DATAGRAMS
    assert_spread(lab, out, family, "udp", before, DATAGRAMS // STREAMS // 2)


def test_the_sums_agree_and_nothing_was_dropped_but_for_want_of_a_route(lab):
    wait_until(lambda: len(set(sums(lab))) == 1, "the sums to agree", 20)
    drops = {row["reason"]: row["packets"] for row in lab.router.ecmpctl("show", "drops")["drops"] if row["packets"]}
    assert not {"ipv4_checksum", "ttl_expired", "no_route", "tx_queue_full"} & set(drops), drops
