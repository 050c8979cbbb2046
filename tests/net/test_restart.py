"""The router restarts, and a node is back later than the others: its connections wait for it."""

import signal

import pytest

from lab.analysis import Window, nodes_by_port
from lab.lab import SERVICE, SETTLE_SECONDS
from lab.records import TCP, UDP
from lab.traffic import PROBE_RATE, Traffic
from lab.wait import wait_until

LATE = "node3"
SHOWS_PATIENCE = 2 * PROBE_RATE  # probes: two seconds after both others have sent everything


@pytest.fixture(scope="module")
def lab(make_lab):
    return make_lab(nodes={"node1": "bird", "node2": "frr", LATE: "bird"})


def sessions(lab) -> set[str]:
    peers = lab.router.ecmpctl("show", "bgp", "summary")["ipv4Unicast"]["peers"]
    return {address for address, peer in peers.items() if peer["state"] == "Established"}


def waiting(lab) -> int:
    """Packets that were dropped because the first tables are awaited."""
    return next(row["packets"] for row in lab.router.ecmpctl("show", "drops")["drops"] if row["reason"] == "starting")


def test_no_connection_meets_another_node_while_its_own_is_late(lab):
    traffic = Traffic(lab, 60, lambda _: None)
    assert traffic.wait_connected() == 60
    traffic.start_probes()
    traffic.wait_rounds(1)
    speaker = lab.run.processes[f"{LATE}-bgp"]
    speaker.send_signal(signal.SIGSTOP)
    try:
        lab.run.stop("router", signal.SIGTERM)
        lab.router.start()
        rest = {node.address for name, node in lab.nodes.items() if name != LATE}
        wait_until(lambda: sessions(lab) >= rest, "the other nodes to be back", SETTLE_SECONDS)
        goal = waiting(lab) + SHOWS_PATIENCE
        wait_until(lambda: waiting(lab) >= goal, "packets to be held back", SETTLE_SECONDS)
    finally:
        speaker.send_signal(signal.SIGCONT)
    lab.wait_for(SERVICE, set(lab.nodes))
    traffic.wait_rounds(2)
    harvest = traffic.finish()
    traffic.end()
    always = Window(0, 1 << 63)
    for protocol in (TCP, UDP):
        assert {len(nodes) for nodes in nodes_by_port(harvest.seen, always, protocol).values()} == {1}
    # Nobody was told that there is no way there.
    assert all(port["no_route"] == 0 for port in lab.router.ecmpctl("show", "icmp")["icmp"])
