"""The key decides what is spread: with the 3-tuple a pair of addresses stays together, with the 5-tuple it does not.

Seed and source ports are fixed, so the outcome is the same in every run.
"""

from collections import Counter

import pytest

from lab import netns
from lab.binomial import band
from lab.flows import tcp_nodes, udp_nodes
from lab.lab import SERVICE
from lab.topology import FAR_DEVICE

PORTS = range(20000, 20600)
SOURCES = [f"10.0.0.{host}" for host in range(100, 140)]


@pytest.fixture(scope="module")
def by_ports(make_lab):
    return make_lab(ecmp={"key": "5-tuple"})


@pytest.fixture(scope="module")
def by_addresses(make_lab):
    lab = make_lab(ecmp={"key": "3-tuple"})
    for source in SOURCES:
        netns.ip("addr", "add", f"{source}/24", "dev", FAR_DEVICE, ns=lab.client)
    return lab


def test_five_tuple_spreads_connections_of_one_pair_of_addresses(by_ports):
    shares = Counter(tcp_nodes(by_ports, SERVICE, PORTS).values())
    low, high = band(len(PORTS), 3)
    assert set(shares) == {"node1", "node2", "node3"}
    assert all(low <= count <= high for count in shares.values()), shares


def test_five_tuple_gives_udp_and_tcp_keys_of_their_own(by_ports):
    tcp, udp = tcp_nodes(by_ports, SERVICE, PORTS), udp_nodes(by_ports, SERVICE, PORTS)
    same = sum(tcp[port] == udp[port] for port in PORTS)
    low, high = band(len(PORTS), 3)
    assert low <= same <= high


def test_three_tuple_keeps_connections_of_one_pair_of_addresses_on_one_node(by_addresses):
    assert len(set(tcp_nodes(by_addresses, SERVICE, PORTS).values())) == 1
    assert len(set(udp_nodes(by_addresses, SERVICE, PORTS).values())) == 1


def test_three_tuple_spreads_over_clients(by_addresses):
    ports = range(20000, 20004)
    nodes = {source: set(udp_nodes(by_addresses, SERVICE, ports, source).values()) for source in SOURCES}
    assert all(len(one) == 1 for one in nodes.values()), nodes
    assert set.union(*nodes.values()) == {"node1", "node2", "node3"}
