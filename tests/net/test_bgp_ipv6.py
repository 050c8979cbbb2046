"""IPv6 services by BGP, end to end: announced over three kinds of session, installed, and packets go there.

BIRD over the nodes' IPv6 addresses, FRR over IPv4 with IPv4-mapped nexthops, and BIRD over link-local addresses, where
IPv4 prefixes too have an IPv6 nexthop (RFC 8950). And a router that comes back answers the sessions of its former life.
"""

import json
import signal

import pytest

from lab.flows import udp_nodes
from lab.lab import Lab
from lab.programs import installed
from lab.speakers.base import NODE_ASN, ROUTER_ASN
from lab.topology import FAR_DEVICE, LINK_LOCAL6, add_ipv6, node_address, node_address6, router_address, router_address6
from lab.wait import wait_until
from raw_bgp import KEEPALIVE, RawPeer, message

SERVICE6 = "2001:db8:113::10"  # from all three nodes
SERVICE = "203.0.113.30"  # IPv4, from the link-local one
PORTS = range(20000, 20200)
NODES = ("node1", "node2", "node3")
KINDS = {"node1": "bird", "node2": "frr", "node3": "bird"}


def neighbor(address: str, **keys) -> str:
    lines = {"address": address, "remote_as": NODE_ASN, "passive": True, "import": "any", **keys}
    return "\n[[neighbor]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in lines.items())


def bird(lab: Lab, n: int, local: str, router: str, channels: str) -> None:
    folder = lab.run.folder
    config = folder / f"bird{n}.conf"
    config.write_text(f"""router id {node_address(n)};
protocol device {{ }}
protocol static {{ ipv6; route {SERVICE6}/128 blackhole; }}
protocol static {{ ipv4; route {SERVICE}/32 blackhole; }}
protocol bgp upstream {{
  local {local} as {NODE_ASN};
  neighbor {router} as {ROUTER_ASN};
  connect delay time 1; connect retry time 1; error wait time 1, 2;
  {channels}
}}
""")
    argv = [installed("bird"), "-f", "-c", str(config), "-s", str(folder / f"bird{n}.ctl"), "-P", str(folder / f"bird{n}.pid")]
    lab.run.spawn(f"bgp{n}", lab.nodes[f"node{n}"].ns, argv)


def frr(lab: Lab, n: int) -> None:
    folder = lab.run.folder
    config, vty = folder / f"frr{n}.conf", folder / f"frr{n}"
    vty.mkdir()
    router = router_address(n)
    config.write_text(f"""router bgp {NODE_ASN}
 bgp router-id {node_address(n)}
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor {router} remote-as {ROUTER_ASN}
 neighbor {router} timers connect 1
 address-family ipv6 unicast
  network {SERVICE6}/128
  neighbor {router} activate
 exit-address-family
""")
    argv = [installed("/usr/lib/frr/bgpd"), "-Z", "-S", "-P", "0", "-p", "0", "-f", str(config),
            "--vty_socket", str(vty), "-i", str(folder / f"frr{n}.pid"), "--log", "stdout"]  # fmt: skip
    lab.run.spawn(f"bgp{n}", lab.nodes[f"node{n}"].ns, argv)


def link_local(mac: str) -> str:
    """The address that the router's port has by its MAC (RFC 4291, appendix A)."""
    first, *middle, last = (int(byte, 16) for byte in mac.split(":"))
    eui = bytes([first ^ 2, *middle[:2], 0xFF, 0xFE, *middle[2:], last])
    return "fe80::" + ":".join(eui[i : i + 2].hex() for i in range(0, 8, 2))


@pytest.fixture(scope="module")
def lab(ecmpd):
    more = '\n[[listen]]\nrange = "fd00:1::/64"\nremote_as = 64512\nimport = "any"\n'
    more += neighbor(node_address(2)) + neighbor(LINK_LOCAL6, port="node3")
    with Lab(nodes=KINDS, services=(), ipv6=True, more=more) as lab:
        lab.services += [SERVICE6, SERVICE]
        add_ipv6(lab.topology, lab.services)
        lab.start_echoes()
        lab.router.start()
        bird(lab, 1, node_address6(1), router_address6(1), "ipv6 { import none; export all; };")
        frr(lab, 2)
        mac = next(port["mac"] for port in lab.router.ecmpctl("show", "ports")["ports"] if port["name"] == "node3")
        channels = "ipv6 { import none; export all; }; ipv4 { import none; export all; extended next hop yes; };"
        bird(lab, 3, LINK_LOCAL6, f"{link_local(mac)}%'{FAR_DEVICE}'", channels)
        yield lab


def nexthops(lab: Lab, service: str) -> set[tuple[str, str]]:
    routes = lab.router.ecmpctl("show", "routes", f"{service}/{128 if ':' in service else 32}").get("routes", [])
    return {(hop["address"], hop["port"]) for route in routes if route["installed"] for hop in route["nexthops"]}


def wait_for(lab: Lab, service: str, wanted: set[tuple[str, str]]) -> None:
    wait_until(lambda: nexthops(lab, service) == wanted, f"{service} to have {wanted}", 60)


def test_an_ipv6_service_of_three_kinds_of_session(lab):
    wait_for(lab, SERVICE6, {(node_address6(1), "node1"), (node_address(2), "node2"), (LINK_LOCAL6, "node3")})
    assert set(udp_nodes(lab, SERVICE6, PORTS).values()) == set(NODES)


def test_an_ipv4_service_over_a_link_local_nexthop(lab):
    wait_for(lab, SERVICE, {(LINK_LOCAL6, "node3")})
    assert set(udp_nodes(lab, SERVICE, PORTS).values()) == {"node3"}


def test_the_summary_counts_each_family_by_itself(lab):
    wait_for(lab, SERVICE6, {(node_address6(1), "node1"), (node_address(2), "node2"), (LINK_LOCAL6, "node3")})
    wait_for(lab, SERVICE, {(LINK_LOCAL6, "node3")})
    summary = lab.router.ecmpctl("show", "bgp", "summary")
    received = {
        family: {address.split("%")[0]: peer["pfxRcd"] for address, peer in shown["peers"].items()}
        for family, shown in summary.items()
    }
    first, second = node_address6(1), node_address(2)
    assert received == {
        "ipv4Unicast": {first: 0, second: 0, LINK_LOCAL6: 1},
        "ipv6Unicast": {first: 1, second: 1, LINK_LOCAL6: 1},
    }
    assert summary["ipv6Unicast"]["peerCount"] == 3
    assert summary["ipv6Unicast"]["ribCount"] > 1


def test_a_link_local_neighbor_is_written_with_its_port(lab):
    wait_for(lab, SERVICE, {(LINK_LOCAL6, "node3")})
    name = f"{LINK_LOCAL6}%node3"
    assert name in str(lab.router.ecmpctl("show", "bgp", "summary"))
    for asked in (name, LINK_LOCAL6):
        assert lab.router.ecmpctl("show", "bgp", "neighbor", asked)[name]["bgpState"] == "Established"
    paths = lab.router.ecmpctl("show", "routes", f"{SERVICE}/32")["routes"][0]["paths"]
    assert {(path["peer"], path["nexthop"]) for path in paths} == {(name, name)}


def test_a_session_that_ends_takes_its_nexthop_along(lab):
    lab.run.stop("bgp1", signal.SIGKILL)
    wait_for(lab, SERVICE6, {(node_address(2), "node2"), (LINK_LOCAL6, "node3")})
    assert set(udp_nodes(lab, SERVICE6, PORTS).values()) == {"node2", "node3"}


def test_a_router_that_is_back_resets_the_sessions_of_its_former_life(lab):
    """Some nodes never look at their hold timer: only a reset tells them (RFC 9293, 3.10.7.1)."""
    with RawPeer(lab.nodes["node1"].ns, node_address(1), router_address(1)) as peer:
        peer.establish(NODE_ASN, "10.0.1.99")
        lab.run.stop("router", signal.SIGKILL)
        lab.router.start()
        with pytest.raises(ConnectionError):  # perhaps before the first one: the kernel may have sent something by itself
            peer.send(message(KEEPALIVE))
            peer.until_closed()
            for _ in range(1000):
                peer.send(message(KEEPALIVE))
