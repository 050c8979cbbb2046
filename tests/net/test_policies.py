"""What a node says with its announcements, from a real daemon: that it wants to be left, how much it takes, and too much."""

import pytest

from lab.binomial import band
from lab.flows import udp_nodes
from lab.lab import SERVICE, SETTLE_SECONDS
from lab.topology import node_address
from lab.wait import wait_until

PORTS = range(20000, 20500)
MAXIMUM = 5
MANY = [f"203.0.113.{host}/32" for host in range(100, 112)]
NEIGHBORS = "".join(f"""
[[neighbor]]
address = "{node_address(n)}"
remote_as = 64512
passive = true
import = ["203.0.113.0/24 le 32"]
community_weight = {{ "64512:3" = 3 }}
{f'maximum_prefix = {MAXIMUM}' if n == 3 else ''}
maximum_prefix_action = "discard"
""" for n in (1, 2, 3))


@pytest.fixture(scope="module")
def lab(make_lab):
    return make_lab(nodes={"node1": "bird", "node2": "bird", "node3": "bird"}, more=NEIGHBORS)


def says(lab, name: str, community: str = "", more: list[str] = ()) -> None:
    """Another configuration for BIRD, which keeps the session: a community with all routes, more of them."""
    speaker = lab.nodes[name].speaker
    add = f"bgp_community.add({community}); " if community else ""
    text = speaker.config().replace(
        "export where source = RTS_STATIC;", f"export filter {{ if source != RTS_STATIC then reject; {add}accept; }};"
    )
    assert add in text
    routes = "".join(f"  route {prefix} blackhole;\n" for prefix in more)
    speaker.write("bird.conf", f"{text}protocol static many {{\n  ipv4;\n{routes}}}\n")
    assert "Reconfigur" in speaker._birdc("configure")


@pytest.fixture
def usual(lab):
    """When a test is over every node says nothing again, and all of them have the service."""
    yield
    for name in lab.nodes:
        says(lab, name)
    lab.wait_for(SERVICE, set(lab.nodes))


def owners(lab) -> dict[int, str]:
    return udp_nodes(lab, SERVICE, PORTS)


def service(lab) -> dict:
    [route] = lab.router.ecmpctl("show", "routes", f"{SERVICE}/32")["routes"]
    return route


def draining(lab) -> dict[str, bool]:
    """By node's name: whether it is draining, and for that reason not used."""
    route = service(lab)
    members = lab.router.ecmpctl("show", "group", str(route["group"]))["members"]
    shown = {lab.node_at(member["address"]): member["draining"] for member in members}
    paths = {lab.node_at(path["nexthop"]): path["draining"] for path in route["paths"]}
    assert shown == paths
    return paths


def test_a_node_that_shuts_down_gracefully_is_left_and_the_others_keep_their_flows(lab, usual):
    before = owners(lab)
    assert set(before.values()) == set(lab.nodes)
    says(lab, "node1", "(65535, 0)")
    lab.wait_for(SERVICE, {"node2", "node3"})
    assert draining(lab) == {"node1": True, "node2": False, "node3": False}
    [path] = [one for one in service(lab)["paths"] if one["draining"]]
    assert (path["used"], path["locPrf"], path["community"]) == (False, 0, ["65535:0"])
    during = owners(lab)
    assert "node1" not in during.values()
    assert all(during[port] == name for port, name in before.items() if name != "node1")

    says(lab, "node1")
    lab.wait_for(SERVICE, set(lab.nodes))
    assert not any(draining(lab).values())
    assert owners(lab) == before


def test_nodes_that_all_shut_down_are_better_than_none(lab, usual):
    for name in lab.nodes:
        says(lab, name, "(65535, 0)")
    wait_until(lambda: all(draining(lab).values()), "all to be draining", SETTLE_SECONDS)
    lab.wait_for(SERVICE, set(lab.nodes))
    assert set(owners(lab).values()) == set(lab.nodes)


def test_a_community_gives_its_node_more_shares(lab, usual):
    says(lab, "node2", "(64512, 3)")

    def weights() -> dict[str, int]:
        return {lab.node_at(hop["address"]): hop["weight"] for hop in service(lab)["nexthops"]}

    wait_until(lambda: weights() == {"node1": 1, "node2": 3, "node3": 1}, "node2 to have three shares", SETTLE_SECONDS)
    found = list(owners(lab).values())
    low, high = band(len(PORTS), 5)
    assert all(low <= found.count(name) <= high for name in ("node1", "node3")), found
    assert len(PORTS) - 2 * high <= found.count("node2") <= len(PORTS) - 2 * low


def test_what_is_above_maximum_prefix_comes_when_there_is_room(lab, usual):
    """BIRD can repeat its routes, and is asked to when it has withdrawn others."""
    node = lab.nodes["node3"]

    def peer() -> dict:
        return lab.router.ecmpctl("show", "bgp", "summary")["ipv4Unicast"]["peers"][node.address]

    def there() -> set[str]:
        routes = lab.router.ecmpctl("show", "routes")["routes"]
        return {route["prefix"] for route in routes if route["prefix"] in MANY and route["installed"]}

    dropped = peer()["connectionsDropped"]
    says(lab, "node3", more=MANY)
    wait_until(lambda: len(there()) == MAXIMUM - 1, "as many as are allowed, with the service", SETTLE_SECONDS)
    assert peer()["pfxRcd"] == MAXIMUM
    assert f"{node.address}: more than maximum_prefix = {MAXIMUM} prefixes; the rest is discarded" in lab.run.log("router").read_text()
    first = there()
    says(lab, "node3", more=[prefix for prefix in MANY if prefix not in first])
    wait_until(lambda: len(there()) == MAXIMUM - 1 and not there() & first, "others in place of the first", SETTLE_SECONDS)
    assert lab.router.nexthops(SERVICE) == {one.address for one in lab.nodes.values()}
    assert (peer()["state"], peer()["connectionsDropped"]) == ("Established", dropped)
