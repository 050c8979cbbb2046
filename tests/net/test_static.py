"""Life without BGP: static routes with weights, static neighbor entries, and every selector."""

import json
import subprocess
from collections import Counter

import pytest

from lab import netns
from lab.binomial import band
from lab.echo import NAME_PORT
from lab.flows import tcp_nodes, udp_nodes
from lab.lab import SERVICE, Lab
from lab.programs import built
from lab.topology import CLIENT_ADDRESS, FAR_DEVICE, node_address, router_address
from test_glean import ping
from wire import Wire

PORTS = range(20000, 21000)
NEIGHBOR = """
[[neighbor_entry]]
address = "{address}"
mac = "{mac}"
port = "{port}"
"""
ROUTE = """
[[route]]
prefix = "{service}/32"
nexthops = [{nexthops}]
"""


def route(service: str, weights: dict[int, int]) -> str:
    nexthops = ", ".join(f'{{ via = "{node_address(n)}", weight = {weight} }}' for n, weight in weights.items())
    return ROUTE.format(service=service, nexthops=nexthops)


def start(lab: Lab) -> Lab:
    """The router and the echo services, and no BGP daemon."""
    lab.start_echoes()
    lab.router.start()
    lab.wait_for(SERVICE, set(lab.nodes))
    return lab


@pytest.fixture(scope="module", params=["resilient", "modulo", "hash-threshold", "maglev", "rendezvous"])
def weighted(request, ecmpd):
    options = {"ecmp": {"selector": request.param}, "more": route(SERVICE, {1: 1, 2: 3})}
    with Lab(nodes={"node1": "bird", "node2": "bird"}, **options) as lab:
        yield start(lab)


def test_weights_share_the_connections(weighted):
    """One of the two is a quarter: the band of one of four equal nodes."""
    shares = Counter(tcp_nodes(weighted, SERVICE, PORTS).values())
    low, high = band(len(PORTS), 4)
    assert set(shares) == {"node1", "node2"}
    assert low <= shares["node1"] <= high, shares


def test_the_group_says_how_it_selects(weighted):
    selector = weighted.router.options.ecmp["selector"]
    indexing = {"modulo": "modulo", "hash-threshold": "range", "maglev": "modulo"}.get(selector, "low-bits")
    (group,) = [group for group in weighted.router.ecmpctl("show", "groups")["groups"] if group["prefixes"]]
    assert (group["selector"], group["indexing"]) == (selector, indexing)
    assert group["worst_deviation"] < 0.03
    answer = weighted.router.ecmpctl("explain", CLIENT_ADDRESS, SERVICE, "udp", str(PORTS[0]), str(NAME_PORT))
    assert (answer["selector"], answer["indexing"]) == (selector, indexing)


def test_explain_agrees_with_the_selector(weighted):
    served = udp_nodes(weighted, SERVICE, PORTS[:200])
    explain = weighted.router.explain
    assert served == {
        port: weighted.node_at(explain(CLIENT_ADDRESS, SERVICE, "udp", port, NAME_PORT)) for port in served
    }


def test_a_saved_group_tells_what_a_drain_would_move(weighted, tmp_path):
    """The lineage in the JSON rebuilds the router's own table: ecmplab refuses a group whose buckets it does not."""
    (group,) = [group for group in weighted.router.ecmpctl("show", "groups")["groups"] if group["prefixes"]]
    saved = tmp_path / "group.json"
    saved.write_text(json.dumps(weighted.router.ecmpctl("show", "group", str(group["id"]))))
    words = [built("ecmplab"), "predict", saved, "--drain", node_address(1), "--json"]
    answer = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    shares = {member["address"]: member["share"] for member in group["members"]}
    assert {(move["from"], move["to"]) for move in answer["moves"]} >= {(node_address(1), node_address(2))}
    assert answer["minimum"] == pytest.approx(shares[node_address(1)], abs=1e-5)
    assert {row["address"]: row["share_after"] for row in answer["members"]} == {node_address(1): 0, node_address(2): 1}


def mac_of(ns: str) -> str:
    return netns.ip("-br", "link", "show", FAR_DEVICE, ns=ns).split()[2]


@pytest.fixture(scope="module")
def silent(ecmpd):
    """Nodes that neither ask nor answer ARP; the router knows their addresses by its configuration."""
    with Lab(nodes={"node1": "bird", "node2": "bird"}) as lab:
        entries = ""
        for n, node in enumerate(lab.nodes.values(), start=1):
            entries += NEIGHBOR.format(address=node.address, mac=mac_of(node.ns), port=node.name)
        lab.router.options.more = route(SERVICE, {1: 1, 2: 1}) + entries
        for node in lab.nodes.values():
            netns.ip("link", "set", FAR_DEVICE, "arp", "off", ns=node.ns)
        start(lab)
        macs = {port["name"]: port["mac"] for port in lab.router.ecmpctl("show", "ports")["ports"]}
        for n, node in enumerate(lab.nodes.values(), start=1):
            entry = [router_address(n), "lladdr", macs[node.name], "dev", FAR_DEVICE, "nud", "permanent"]
            netns.ip("neigh", "replace", *entry, ns=node.ns)
        yield lab


def test_a_static_neighbor_needs_no_arp(silent):
    with Wire(silent.nodes["node1"].ns) as wire:
        assert set(udp_nodes(silent, SERVICE, PORTS[:100]).values()) == {"node1", "node2"}
        assert ping(silent.client, node_address(2), "-c", "1", "-W", "10").returncode == 0
        # The router's own packets find their way without ARP as well.
        assert ping(silent.nodes["node1"].ns, router_address(1), "-c", "1", "-W", "10").returncode == 0
        assert [frame for frame in wire.drain() if frame.type == 0x0806] == []
