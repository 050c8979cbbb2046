"""A port that loses its link: its nexthops leave their groups at once, not after probes, and come home with it.

The router has no sessions here, so that nothing else takes a nexthop out or back. How fast it was is in the report as a
property, not an assertion.
"""

import time

import pytest

from lab import netns
from lab.flows import udp_nodes
from lab.lab import SERVICE, Lab
from lab.topology import FAR_DEVICE, rewire, router_address
from lab.wait import wait_until
from test_static import route, start

PORTS = range(20000, 20200)


@pytest.fixture(scope="module", params=["af_packet", "af_xdp"])
def lab(request, ecmpd):
    nodes = {"node1": "bird", "node2": "bird", "node3": "bird"}
    with Lab(nodes=nodes, device=request.param, more=route(SERVICE, {1: 1, 2: 1, 3: 1})) as lab:
        yield start(lab)


def set_link(lab, state: str) -> None:
    ns = lab.nodes["node2"].ns
    netns.ip("link", "set", FAR_DEVICE, state, ns=ns)
    if state == "up":
        netns.ip("route", "replace", "default", "via", router_address(2), ns=ns)


def has_link(lab) -> bool:
    return next(port["link"] for port in lab.router.ecmpctl("show", "ports")["ports"] if port["name"] == "node2")


def log(lab) -> str:
    return lab.run.log("router").read_text()


def twins_entry(lab) -> str:
    """What the kernel that probes the node thinks of it."""
    return netns.ip("neigh", "show", lab.nodes["node2"].address, "dev", "t-node2", ns=lab.topology.router)


def test_nexthops_leave_and_return_with_the_link(lab, record_property):
    before = udp_nodes(lab, SERVICE, PORTS)
    assert set(before.values()) == set(lab.nodes) and has_link(lab)
    for flap in range(3):
        started = time.monotonic()
        set_link(lab, "down")
        lab.wait_for(SERVICE, {"node1", "node3"})
        record_property(f"seconds_until_out_{flap}", round(time.monotonic() - started, 3))
        assert "FAILED" not in twins_entry(lab), "the probes found it out, not the link"
        assert not has_link(lab)
        during = udp_nodes(lab, SERVICE, PORTS)
        assert {port for port in PORTS if before[port] != during[port]} == {p for p in PORTS if before[p] == "node2"}

        started = time.monotonic()
        set_link(lab, "up")
        lab.wait_for(SERVICE, set(lab.nodes))
        record_property(f"seconds_until_back_{flap}", round(time.monotonic() - started, 3))
        assert has_link(lab)
        assert udp_nodes(lab, SERVICE, PORTS) == before
        assert log(lab).count(f"{lab.nodes['node2'].address} is reachable again") == flap + 1


def test_a_port_without_link_at_the_start_joins_when_it_has_one(lab):
    set_link(lab, "down")
    assert lab.router.stop() == 0
    lab.router.start()
    lab.wait_for(SERVICE, {"node1", "node3"})
    assert not has_link(lab)
    set_link(lab, "up")
    lab.wait_for(SERVICE, set(lab.nodes))
    wait_until(lambda: set(udp_nodes(lab, SERVICE, PORTS).values()) == set(lab.nodes), "every node to serve", 30)


def test_an_interface_made_anew_is_not_that_of_the_start(lab):
    rewire(lab.topology, 2)
    said = "error port: node2: veth2 was made anew, or has been away: only a restart takes it"
    wait_until(lambda: said in log(lab), "the log to say so", 20)
    lab.wait_for(SERVICE, {"node1", "node3"})
    assert not has_link(lab)
    assert lab.router.stop() == 0
    lab.router.start()
    lab.wait_for(SERVICE, set(lab.nodes))
    wait_until(lambda: set(udp_nodes(lab, SERVICE, PORTS).values()) == set(lab.nodes), "every node to serve", 30)
