"""`ecmpctl explain` names the node that really served each of a thousand connections."""

import pytest

from lab.echo import NAME_PORT
from lab.flows import tcp_nodes
from lab.lab import SERVICE
from lab.topology import CLIENT_ADDRESS

PORTS = range(20000, 21000)


@pytest.fixture(scope="module")
def lab(make_lab):
    return make_lab()


def test_explain_names_the_node_that_served(lab):
    served = tcp_nodes(lab, SERVICE, PORTS)
    assert set(served.values()) == set(lab.nodes)
    explained = {
        port: lab.node_at(lab.router.explain(CLIENT_ADDRESS, SERVICE, "tcp", port, NAME_PORT)) for port in PORTS
    }
    assert explained == served


def test_explain_of_an_address_without_a_route_says_that_it_is_dropped(lab):
    answer = lab.router.ecmpctl("explain", CLIENT_ADDRESS, "192.0.2.1", "tcp", "20000", "7")
    assert answer["verdict"] == "drop"
    assert answer["reason"] == "no_route"
    assert not answer.get("nexthop")
