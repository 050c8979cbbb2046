"""A service whose nexthop is in no subnet of the router: another route leads there, and packets take it."""

import pytest

from lab.flows import udp_nodes
from lab.lab import SERVICE, Lab
from lab.speakers.base import ROUTER_ASN

LOOPBACK = "10.99.0.1"
ROUTE = '\n[[route]]\nprefix = "{}/32"\nnexthops = [{}]\n'
PORTS = range(20000, 20040)


def route_over(*nodes) -> str:
    return ROUTE.format(LOOPBACK, ", ".join(f'{{ via = "{node.address}" }}' for node in nodes))


@pytest.fixture
def lab(ecmpd):
    """Both nodes announce the service with the same nexthop, an address that both have."""
    with Lab(nodes={"node1": "bird", "node2": "bird"}, listen={"ebgp_multihop": 2}) as lab:
        for node in lab.nodes.values():
            own = node.speaker.config().replace("next hop self", f"next hop address {LOOPBACK}")
            own = own.replace(f"as {ROUTER_ASN};", f"as {ROUTER_ASN}; multihop 2;")
            node.speaker.config = lambda own=own: own
        yield lab


def why(lab) -> set[str]:
    (route,) = lab.router.ecmpctl("show", "routes", f"{SERVICE}/32")["routes"]
    return {path["reason"].split(": ")[-1].split(", ")[-1] for path in route["paths"]}


def test_the_route_to_a_nexthop_leads_to_its_services(lab):
    node1, node2 = lab.nodes.values()
    lab.router.options.more = route_over(node1, node2)
    lab.start()
    before = udp_nodes(lab, SERVICE, PORTS)
    assert set(before.values()) == {"node1", "node2"}

    # One way less, and its flows go the other; those of the other stay.
    lab.router.options.more = route_over(node2)
    lab.router.config_file.write_text(lab.router.config())
    lab.router.ecmpctl("reload")
    lab.wait_for(SERVICE, {"node2"})
    assert set(udp_nodes(lab, SERVICE, PORTS).values()) == {"node2"}
    assert why(lab) == {f"by {node2.address}"}

    lab.router.options.more = ""
    lab.router.config_file.write_text(lab.router.config())
    lab.router.ecmpctl("reload")
    lab.wait_for(SERVICE, set())
    assert why(lab) == {"no route leads to it"}
