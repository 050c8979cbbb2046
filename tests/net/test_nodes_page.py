"""What docs/nodes.md shows, word for word: the router takes its part, and the nodes that run here are routed to."""

import re
import tomllib

import pytest
import yaml
from conftest import TOP

from lab.flows import udp_nodes
from lab.lab import SERVICE, Lab
from lab.speakers.base import NODE_ASN, ROUTER_ASN

PAGE = (TOP / "docs" / "nodes.md").read_text()


def blocks(title: str, language: str = "") -> list[str]:
    """The code below a heading of the page, before the next one."""
    section = re.search(rf"^#+ {title}$(.*?)(?=^## |\Z)", PAGE, re.M | re.S)[1]
    return re.findall(rf"^```{language}\n(.*?)^```", section, re.M | re.S)


ROUTER = {
    "all": blocks("Nodes and the router that peers with them", "toml")[0],
    "Calico": blocks("Calico", "toml")[0],
}


@pytest.mark.parametrize(
    ("title", "kind", "router"),
    [("BIRD 2", "bird", "all"), ("FRR", "frr", "Calico")],
    ids=["bird", "frr with the router's part of Calico"],
)
def test_a_node_is_routed_to(ecmpd, title, kind, router):
    (of_node,) = blocks(title)
    with Lab(nodes={"node1": kind}) as lab:
        own = lab.router.config().split("\n[[listen]]")[0]
        lab.router.config = lambda: own + "\n" + ROUTER[router]
        lab.nodes["node1"].speaker.config = lambda: of_node
        lab.start()
        assert set(udp_nodes(lab, SERVICE, range(20000, 20010)).values()) == {"node1"}


@pytest.mark.parametrize("title", ["MetalLB", "Calico"])
def test_what_kubernetes_is_told_fits_what_the_router_is_told(title):
    """Nobody runs these here; the numbers of both halves agree."""
    objects = {each["kind"]: each["spec"] for text in blocks(title, "yaml") for each in yaml.safe_load_all(text)}
    peer = objects["BGPPeer"]
    listen = tomllib.loads(ROUTER.get(title, ROUTER["all"]))["listen"][0]
    assert listen["remote_as"] == NODE_ASN == peer.get("myASN", objects.get("BGPConfiguration", {}).get("asNumber"))
    assert peer.get("peerASN", peer.get("asNumber")) == ROUTER_ASN
    assert peer.get("peerAddress", peer.get("peerIP")) == listen["range"].replace("0/24", "1")
    pool = objects["IPAddressPool"]["addresses"] if title == "MetalLB" else [
        each["cidr"] for each in objects["BGPConfiguration"]["serviceLoadBalancerIPs"]
    ]
    assert all(rule.startswith(f"{pool[0]} ") for rule in listen["import"])
