"""Three services on three nodes: what one service loses and regains moves no flow between the nodes that stay.

And a restart of the router, even in the middle of that, changes nothing for anybody.
"""

import signal

import pytest

from lab.flows import tcp_nodes, udp_nodes

SERVICES = ("203.0.113.10", "203.0.113.11", "203.0.113.12")
NODES = {"node1": "bird", "node2": "exabgp", "node3": "frr"}
PORTS = range(20000, 20200)
LOSER, LEAVER = SERVICES[1], "node1"
REST = {"node2", "node3"}


@pytest.fixture(scope="module")
def whole(make_lab):
    return make_lab(nodes=NODES, services=SERVICES)


@pytest.fixture
def lab(whole):
    """Every service on every node, however the test before ended."""
    announce(whole)
    return whole


def sample(lab) -> dict[tuple[str, str, int], str]:
    """Every flow (service, protocol, port) and the node that serves it."""
    found = {}
    for service in SERVICES:
        for protocol, ask in (("udp", udp_nodes), ("tcp", tcp_nodes)):
            for port, node in ask(lab, service, PORTS).items():
                found[service, protocol, port] = node
    return found


def withdraw(lab) -> None:
    lab.nodes[LEAVER].speaker.withdraw(LOSER)
    lab.wait_for(LOSER, REST)


def announce(lab) -> None:
    lab.nodes[LEAVER].speaker.announce(LOSER)
    lab.wait_for(LOSER, set(NODES))


def restart(lab, how: signal.Signals, without: str = "") -> None:
    lab.run.stop("router", how)
    lab.router.start()
    for service in SERVICES:
        lab.wait_for(service, REST if service == without else set(NODES))


def changes(before, after) -> dict:
    return {flow: (node, after[flow]) for flow, node in before.items() if after[flow] != node}


def test_a_service_that_loses_and_regains_a_node_moves_only_that_nodes_flows(lab):
    before = sample(lab)
    assert {node for (service, *_), node in before.items() if service == LOSER} == set(NODES)
    withdraw(lab)
    during = sample(lab)
    moved = changes(before, during)
    assert set(moved) == {flow for flow, node in before.items() if flow[0] == LOSER and node == LEAVER}
    assert {now for _, now in moved.values()} == REST
    announce(lab)
    assert changes(before, sample(lab)) == {}


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["ended", "killed"])
def test_after_a_restart_every_flow_returns_to_its_node(lab, how):
    before = sample(lab)
    restart(lab, how)
    assert changes(before, sample(lab)) == {}


def test_a_restart_while_a_service_lacks_a_node_is_forgotten_when_it_is_back(lab):
    before = sample(lab)
    withdraw(lab)
    during = sample(lab)
    restart(lab, signal.SIGTERM, without=LOSER)
    assert changes(during, sample(lab)) == {}
    announce(lab)
    assert changes(before, sample(lab)) == {}
