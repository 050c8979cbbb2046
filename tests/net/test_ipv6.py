"""Two families through one router: IPv6 services over IPv6 nodes, link-local nexthops, IPv4 over IPv6 nexthops.

Static routes; the router finds its nexthops by neighbor discovery. Three nodes, each with fd00:N::11 and, on every link
alike, fe80::11.
"""

import subprocess

import pytest

from lab import netns
from lab.echo import NAME_PORT
from lab.flows import tcp_nodes, udp_nodes
from lab.lab import Lab
from lab.topology import CLIENT_ADDRESS, CLIENT_ADDRESS6, FAR_DEVICE, LINK_LOCAL6, add_ipv6, node_address6, router_address6
from lab.wait import wait_until
from test_neighbors import MUTE, nft
from test_static import NEIGHBOR

GLOBAL = "2001:db8:113::10"  # over the nodes' global addresses
SCOPED = "2001:db8:113::20"  # over their link-local ones
MAPPED = "203.0.113.20"  # IPv4 over nexthops of both kinds
BELIEVED = "fd00:1::99"  # a neighbor by configuration
PORTS = range(20000, 20300)
NODES = ("node1", "node2", "node3")


def route(prefix: str, nexthops: list[str]) -> str:
    return f'\n[[route]]\nprefix = "{prefix}"\nnexthops = [{", ".join(nexthops)}]\n'


def members(answer: dict) -> dict[str, bool]:
    """Port -> live, of the only route in an answer."""
    return {hop["port"]: hop["live"] for hop in answer["routes"][0]["nexthops"]}


@pytest.fixture(scope="module")
def lab(ecmpd):
    global_ones = [f'{{ via = "{node_address6(n)}" }}' for n in (1, 2, 3)]
    scoped = [f'{{ via = "{LINK_LOCAL6}", port = "{name}" }}' for name in NODES]
    more = route(f"{GLOBAL}/128", global_ones) + route("2001:db8:113::20/128", scoped)
    more += route(f"{MAPPED}/32", [global_ones[0], *scoped[1:]])
    more += NEIGHBOR.format(address=BELIEVED, mac="02:00:00:00:01:99", port="node1")
    with Lab(nodes=dict.fromkeys(NODES, "bird"), services=(), ipv6=True, more=more) as lab:
        lab.services += [GLOBAL, SCOPED, MAPPED]
        add_ipv6(lab.topology, lab.services)
        lab.start_echoes()
        lab.router.start()
        for prefix in (f"{GLOBAL}/128", f"{SCOPED}/128", f"{MAPPED}/32"):
            whole(lab, prefix)
        yield lab


def whole(lab, prefix: str) -> None:
    def complete() -> bool:
        answer = lab.router.ecmpctl("show", "routes", prefix)
        return answer["routes"][0]["installed"] and members(answer) == dict.fromkeys(NODES, True)

    wait_until(complete, f"{prefix} to have all its nexthops", 30)


def ping(lab, address: str, *options: str) -> subprocess.CompletedProcess:
    command = netns.command(lab.client, "ping", "-6", "-n", *options, "-c", "1", "-W", "10", address)
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("service", [GLOBAL, MAPPED])
def test_tcp_goes_where_explain_says(lab, service):
    served = tcp_nodes(lab, service, PORTS)
    assert set(served.values()) == set(NODES)
    source = CLIENT_ADDRESS6 if ":" in service else CLIENT_ADDRESS
    for port, name in served.items():
        answer = lab.router.ecmpctl("explain", source, service, "tcp", str(port), str(NAME_PORT))
        assert (answer["verdict"], answer["port"]) == ("forward", name)


def test_one_link_local_address_on_three_links_is_three_nexthops(lab):
    answer = lab.router.ecmpctl("show", "routes", f"{SCOPED}/128")
    assert [hop["address"] for hop in answer["routes"][0]["nexthops"]] == [LINK_LOCAL6] * 3
    served = udp_nodes(lab, SCOPED, PORTS)
    assert set(served.values()) == set(NODES)
    for port in PORTS[:50]:
        answer = lab.router.ecmpctl("explain", CLIENT_ADDRESS6, SCOPED, "udp", str(port), str(NAME_PORT))
        assert (answer["nexthop"], answer["port"]) == (LINK_LOCAL6, served[port])


def test_ping_through_the_router_and_of_the_router(lab):
    # The first packet to a host of a connected prefix waits for its neighbor discovery.
    assert ping(lab, node_address6(2)).returncode == 0
    assert ping(lab, router_address6(0)).returncode == 0
    assert ping(lab, router_address6(3)).returncode == 0
    mac = next(port["mac"] for port in lab.router.ecmpctl("show", "ports")["ports"] if port["name"] == "client")
    first, *middle, last = (int(byte, 16) for byte in mac.split(":"))
    eui = bytes([first ^ 2, *middle[:2], 0xFF, 0xFE, *middle[2:], last])
    link_local = "fe80::" + ":".join(eui[i : i + 2].hex() for i in range(0, 8, 2))
    assert ping(lab, f"{link_local}%{FAR_DEVICE}").returncode == 0


def test_a_neighbor_entry_is_believed(lab):
    answer = lab.router.ecmpctl("explain", CLIENT_ADDRESS6, BELIEVED, "tcp", "1", "2")
    assert (answer["verdict"], answer["port"], answer["mac"]) == ("forward", "node1", "02:00:00:00:01:99")
    shown = [row for row in lab.router.ecmpctl("show", "neighbors")["neighbors"] if row["address"] == BELIEVED]
    assert [row["state"] for row in shown] == ["static"]


def test_explain_names_what_is_never_routed(lab):
    def verdict(source: str, destination: str) -> tuple[str, str]:
        answer = lab.router.ecmpctl("explain", source, destination, "udp", "1", "2")
        return answer["verdict"], answer["reason"]

    assert verdict(CLIENT_ADDRESS6, "2001:db8::1") == ("drop", "no_route")
    assert verdict(CLIENT_ADDRESS6, "ff0e::1") == ("drop", "ipv6_multicast")
    assert verdict(CLIENT_ADDRESS6, "fe80::77") == ("drop", "ipv6_scope")
    assert verdict("fe80::5", GLOBAL) == ("drop", "ipv6_scope")
    assert verdict("fe80::5", router_address6(0)) == ("punt", "for the router itself")


def test_a_node_that_falls_silent_leaves_every_group(lab):
    before = {service: udp_nodes(lab, service, PORTS) for service in lab.services}
    node = lab.nodes["node2"]
    nft(node.ns, "-f", "-", rules=MUTE)
    try:
        for service in lab.services:
            prefix = f"{service}/{128 if ':' in service else 32}"

            def left(prefix=prefix) -> bool:
                return members(lab.router.ecmpctl("show", "routes", prefix))["node2"] is False

            wait_until(left, f"node2 to leave {prefix}", 30)
            during = udp_nodes(lab, service, PORTS)
            moved = {port for port in PORTS if before[service][port] != during[port]}
            assert moved == {port for port in PORTS if before[service][port] == "node2"}
    finally:
        nft(node.ns, "delete", "table", "netdev", "mute")
    for service in lab.services:
        whole(lab, f"{service}/{128 if ':' in service else 32}")
        assert udp_nodes(lab, service, PORTS) == before[service]
