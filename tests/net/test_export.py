"""Upstream: a router that is told of the services, with ecmpd as nexthop, as long as nodes announce them."""

import socket

import pytest

from lab import netns
from lab.lab import SERVICE, SETTLE_SECONDS
from lab.programs import installed
from lab.speakers.base import NODE_ASN, ROUTER_ASN, NodePlace
from lab.speakers.bird import Bird
from lab.topology import CLIENT_ADDRESS, FAR_DEVICE, router_address
from lab.wait import wait_until

UPSTREAM_ASN = 64999
OTHER = "203.0.113.11"
STATIC = "198.51.100.0/24"
FAR = "192.0.2.1"  # behind the client, which is a router to it
EXPORT = f"""
[[neighbor]]
address = "{CLIENT_ADDRESS}"
remote_as = {UPSTREAM_ASN}
passive = true
export = [
  {{ prefix = "203.0.113.0/24 ge 32", add_community = "64500:7", prepend = 1 }},
  {{ aggregate = "203.0.112.0/20" }},
  "{STATIC}",
]

[[neighbor]]
address = "{FAR}"
remote_as = {UPSTREAM_ASN}
passive = true
ebgp_multihop = 2
export = ["203.0.113.0/24 ge 32"]

[[route]]
prefix = "{STATIC}"
nexthops = [{{ via = "10.0.1.11" }}]

[[route]]
prefix = "{FAR}/32"
nexthops = [{{ via = "{CLIENT_ADDRESS}" }}]
"""


class Upstream(Bird):
    def config(self) -> str:
        place = self.place
        far = place.address == FAR  # beside the other one, which listens at BGP's port
        return f"""router id {place.address};
protocol device {{ }}
protocol bgp upstream {{
  local {place.address} {"port 1790" if far else ""} as {UPSTREAM_ASN};
  neighbor {place.router} as {ROUTER_ASN}; {"multihop 2;" if far else ""}
  connect delay time 1; connect retry time 1; error wait time 1, 2;
  ipv4 {{ import all; export none; }};
}}
"""

    def routes(self) -> dict[str, dict[str, str]]:
        """By prefix the attributes, as BIRD prints them."""
        found, prefix = {}, ""
        for line in self._birdc("show", "route", "all").splitlines():
            words = line.split()
            if words and "/" in words[0] and words[0][0].isdigit():
                prefix = words[0]
                found[prefix] = {}
            elif line.strip().startswith("BGP.") and prefix:
                key, _, value = line.strip().partition(":")
                found[prefix][key.removeprefix("BGP.")] = value.strip()
        return found

    def reload(self) -> None:
        self._birdc("reload", "in", "upstream")


@pytest.fixture(scope="module")
def lab(make_lab):
    return make_lab(nodes={"node1": "bird", "node2": "bird"}, services=(SERVICE, OTHER), more=EXPORT)


@pytest.fixture(scope="module")
def upstream(lab):
    assert installed("bird")
    place = NodePlace("upstream", lab.client, CLIENT_ADDRESS, router_address(0), [])
    speaker = Upstream(lab.run, place)
    speaker.start()
    wait_until(speaker.established_since, "the session upstream", SETTLE_SECONDS)
    return speaker


def wait_routes(upstream, prefixes: set[str]) -> dict[str, dict[str, str]]:
    wait_until(lambda: set(upstream.routes()) == prefixes, f"{sorted(prefixes)} upstream", SETTLE_SECONDS)
    return upstream.routes()


ALL = {f"{SERVICE}/32", f"{OTHER}/32", "203.0.112.0/20", STATIC}


def test_it_is_told_what_the_rules_say(lab, upstream):
    routes = wait_routes(upstream, ALL)
    assert {route["next_hop"] for route in routes.values()} == {router_address(0)}
    service = routes[f"{SERVICE}/32"]
    assert service["as_path"] == f"{ROUTER_ASN} {ROUTER_ASN} {NODE_ASN}"
    assert service["community"] == "(64500,7)"
    aggregate = routes["203.0.112.0/20"]
    assert aggregate["as_path"] == str(ROUTER_ASN)
    assert "atomic_aggr" in aggregate
    assert routes[STATIC]["as_path"] == str(ROUTER_ASN)
    peer = lab.router.ecmpctl("show", "bgp", "summary")["ipv4Unicast"]["peers"][CLIENT_ADDRESS]
    assert peer["pfxSnt"] == len(ALL)


def test_an_aggregates_unused_addresses_lead_nowhere(lab, upstream):
    wait_routes(upstream, ALL)
    ctl = lab.router.ecmpctl
    [route] = ctl("show", "routes", "203.0.112.0/20")["routes"]
    assert (route["source"], route["installed"], route["nexthops"]) == ("aggregate", True, [])
    assert "203.0.112.0/20" in [one["prefix"] for one in ctl("show", "routes")["routes"]]
    explained = ctl("explain", CLIENT_ADDRESS, "203.0.113.99", "udp", "1000", "2000")
    assert (explained["verdict"], explained["reason"]) == ("drop", "blackhole")
    assert ctl("explain", CLIENT_ADDRESS, SERVICE, "udp", "1000", "2000")["verdict"] == "forward"

    def blackholed() -> int:
        return {one["reason"]: one["packets"] for one in ctl("show", "drops")["drops"]}["blackhole"]

    before = blackholed()
    with netns.inside(lab.client), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"nobody", ("203.0.113.99", 2000))
    wait_until(lambda: blackholed() == before + 1, "one packet to be dropped", SETTLE_SECONDS)


def test_a_service_is_withdrawn_with_its_last_node(lab, upstream):
    wait_routes(upstream, ALL)
    lab.nodes["node1"].speaker.withdraw(OTHER)
    lab.wait_for(OTHER, {"node2"})
    assert set(upstream.routes()) == ALL
    lab.nodes["node2"].speaker.withdraw(OTHER)
    wait_routes(upstream, ALL - {f"{OTHER}/32"})
    lab.nodes["node1"].speaker.withdraw(SERVICE)
    lab.nodes["node2"].speaker.withdraw(SERVICE)
    wait_routes(upstream, {STATIC})
    for node in lab.nodes.values():
        node.speaker.announce(SERVICE)
        node.speaker.announce(OTHER)
    wait_routes(upstream, ALL)


def test_a_service_is_withdrawn_when_its_last_node_cannot_be_reached(lab, upstream):
    wait_routes(upstream, ALL)
    lab.nodes["node1"].speaker.withdraw(OTHER)
    lab.wait_for(OTHER, {"node2"})
    node2 = lab.nodes["node2"]
    netns.ip("link", "set", FAR_DEVICE, "down", ns=node2.ns)
    wait_routes(upstream, ALL - {f"{OTHER}/32"})
    peers = lab.router.ecmpctl("show", "bgp", "summary")["ipv4Unicast"]["peers"]
    assert peers[node2.address]["state"] == "Established", "not by the end of the session"
    assert lab.router.ecmpctl("show", "routes", f"{OTHER}/32")["routes"][0]["paths"][0]["used"]
    netns.ip("link", "set", FAR_DEVICE, "up", ns=node2.ns)
    netns.ip("route", "replace", "default", "via", router_address(2), ns=node2.ns)
    lab.nodes["node1"].speaker.announce(OTHER)
    wait_routes(upstream, ALL)
    lab.wait_for(OTHER, {"node1", "node2"})


def test_a_route_refresh_repeats_it(lab, upstream):
    wait_routes(upstream, ALL)
    sent = lab.router.ecmpctl("show", "bgp", "neighbor", CLIENT_ADDRESS)[CLIENT_ADDRESS]["messageStats"]["updatesSent"]
    upstream.reload()

    def repeated() -> bool:
        now = lab.router.ecmpctl("show", "bgp", "neighbor", CLIENT_ADDRESS)[CLIENT_ADDRESS]["messageStats"]
        return now["updatesSent"] > sent

    wait_until(repeated, "the routes again", SETTLE_SECONDS)
    wait_routes(upstream, ALL)


def test_another_export_policy_applies_at_a_reload(lab, upstream):
    wait_routes(upstream, ALL)
    since = upstream.established_since()
    text = lab.router.config()
    start = text.index("export = [")
    end = text.index("]\n", text.index(f'"{STATIC}",', start)) + 2
    lab.router.config_file.write_text(text[:start] + 'export = [{ prefix = "203.0.113.10/32", prepend = 2 }]\n' + text[end:])
    lab.router.ecmpctl("reload")
    routes = wait_routes(upstream, {f"{SERVICE}/32"})
    wait_until(lambda: upstream.routes()[f"{SERVICE}/32"]["as_path"].count(str(ROUTER_ASN)) == 3, "it", SETTLE_SECONDS)
    assert routes[f"{SERVICE}/32"]["next_hop"] == router_address(0)
    lab.router.config_file.write_text(text)
    lab.router.ecmpctl("reload")
    wait_routes(upstream, ALL)
    assert upstream.established_since()[:8] == since[:8]


def test_a_neighbor_behind_another_router_is_told_the_address_of_its_session(lab, upstream):
    wait_routes(upstream, ALL)
    netns.ip("address", "replace", f"{FAR}/32", "dev", "lo", ns=lab.client)
    # The session is the kernel's TCP, and goes by the kernel's routes.
    netns.ip("route", "replace", f"{FAR}/32", "via", CLIENT_ADDRESS, ns=lab.topology.router)
    far = Upstream(lab.run, NodePlace("far", lab.client, FAR, router_address(0), []))
    far.start()
    wait_until(far.established_since, "the session from afar", SETTLE_SECONDS)
    routes = wait_routes(far, {f"{SERVICE}/32", f"{OTHER}/32"})
    assert {route["next_hop"] for route in routes.values()} == {router_address(0)}
