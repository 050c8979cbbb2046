"""What test_traceroute.py and test_path_mtu.py ask of IPv4, of IPv6: who answers, and what the path carries."""

import re
import subprocess
from ipaddress import ip_address

import pytest

from lab import netns
from lab.lab import Lab
from lab.topology import CLIENT_ADDRESS6, FAR_DEVICE, add_ipv6, node_address6, router_address6
from test_ipv6 import route, whole
from test_path_mtu import tracepath

SERVICE = "2001:db8:113::10"
NODES = ("node1", "node2", "node3")
OWN_MTU = 1300  # of node 1's link
NARROW = 1400  # towards the host behind node 2
INNER, INNER_GATEWAY = "2001:db8:17::2", "2001:db8:17::1"


def router_at(n: int) -> str:
    return str(ip_address(router_address6(n)))  # as programs print it


@pytest.fixture(scope="module")
def lab(ecmpd):
    more = route(f"{SERVICE}/128", [f'{{ via = "{node_address6(n)}" }}' for n in (1, 2, 3)])
    more += route("2001:db8:17::/64", [f'{{ via = "{node_address6(2)}" }}'])
    more += route("2001:db8:51::/64", ['{ via = "fd00:2::77" }'])  # nobody
    with Lab(nodes=dict.fromkeys(NODES, "bird"), services=(), ipv6=True, more=more, mtu={"node1": OWN_MTU}) as lab:
        lab.services += [SERVICE]
        add_ipv6(lab.topology, lab.services)
        netns.ip("link", "set", FAR_DEVICE, "mtu", str(OWN_MTU), ns=lab.nodes["node1"].ns)
        lab.inner = attach(lab, lab.nodes["node2"].ns)
        lab.start_echoes()
        lab.router.start()
        whole(lab, f"{SERVICE}/128")
        yield lab


def attach(lab: Lab, to: str) -> str:
    ns = lab.run.namespace("inner6")
    netns.ip("link", "add", "inner", "netns", to, "type", "veth", "peer", "name", FAR_DEVICE, "netns", ns)
    for where, device, address in ((to, "inner", INNER_GATEWAY), (ns, FAR_DEVICE, INNER)):
        netns.run(where, "ethtool", "-K", device, "tx", "off")
        netns.ip("addr", "add", f"{address}/64", "dev", device, "nodad", ns=where)
        netns.ip("link", "set", device, "mtu", str(NARROW if where == to else 1500), "up", ns=where)
    netns.ip("-6", "route", "add", "default", "via", INNER_GATEWAY, ns=ns)
    netns.sysctl(to, "net.ipv6.conf.all.forwarding", 1)
    netns.ip("-6", "route", "replace", "default", "via", router_address6(2), "dev", FAR_DEVICE, ns=to)
    return ns


def trace(ns: str, target: str, *options: str) -> list[str]:
    command = netns.command(ns, "traceroute", "-6", "-n", "-q", "1", "-N", "4", "-w", "5", *options, target)
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return [re.sub(r" +[\d.]+ ms", "", line).split(None, 1)[1].strip() for line in done.stdout.splitlines()[1:]]


def ping(ns: str, target: str, *options: str) -> str:
    command = netns.command(ns, "ping", "-6", "-n", "-c", "1", "-W", "10", *options, target)
    return subprocess.run(command, capture_output=True, text=True, timeout=60).stdout


@pytest.mark.parametrize("method", ["-U", "-I", "-T"])
def test_traceroute6_shows_the_router_and_its_address_on_the_way(lab, method):
    assert trace(lab.client, SERVICE, method) == [router_at(0), SERVICE]
    assert trace(lab.nodes["node3"].ns, CLIENT_ADDRESS6, method) == [router_at(3), CLIENT_ADDRESS6]


def test_no_route_is_a_network_and_a_silent_host_an_address_that_is_unreachable(lab):
    assert trace(lab.client, "2001:db8:ffff::1") == [f"{router_at(0)} !N"]
    lab.router.wait_asked("2001:db8:51::/64")
    for nobody in ("2001:db8:51::1", "fd00:2::78"):
        assert trace(lab.client, nobody, "-f", "2", "-m", "2") == [f"{router_at(0)} !H"]


def test_tracepath_finds_the_routers_own_link_and_a_narrow_hop_behind_it(lab):
    own = tracepath(lab.client, node_address6(1))
    assert f"Resume: pmtu {OWN_MTU} hops 2 back 2" in own, own
    behind = tracepath(lab.client, INNER)
    assert f"Resume: pmtu {NARROW} hops 3 back 3" in behind, behind


def test_long_datagrams_are_cut_by_their_sender_once_it_knows(lab):
    netns.ip("-6", "route", "flush", "cache", ns=lab.client)
    assert f"Packet too big: mtu={OWN_MTU}" in ping(lab.client, node_address6(1), "-s", "1452", "-M", "do")
    assert " 0% packet loss" in ping(lab.client, node_address6(1), "-s", "8000")


def test_the_router_answers_hosts_behind_others_at_all_its_addresses(lab):
    for n in range(4):
        assert " 0% packet loss" in ping(lab.inner, router_address6(n)), n
    assert trace(lab.inner, router_address6(0)) == [INNER_GATEWAY, router_at(0)]
