"""What docs/nodes.md, README and the manual show of both halves, word for word: the router takes its part, and the nodes
that run here are routed to."""

import re
import subprocess
import tomllib

import pytest
import yaml
from conftest import TOP

from lab import netns
from lab.flows import udp_nodes
from lab.lab import SERVICE, Lab
from lab.programs import built
from lab.speakers.base import NODE_ASN, ROUTER_ASN
from lab.topology import add_ipv6

PAGE, README, MANUAL = ((TOP / name).read_text() for name in ("docs/nodes.md", "README.md", "docs/manual.md"))


def blocks(title: str, language: str = "", page: str = PAGE) -> list[str]:
    """The code below a heading of the page, before the next one."""
    section = re.search(rf"^#+ {title}$(.*?)(?=^## |\Z)", page, re.M | re.S)[1]
    return re.findall(rf"^```{language}\n(.*?)^```", section, re.M | re.S)


ROUTER = {
    "all": blocks("Nodes and the router that peers with them", "toml")[0],
    "Calico": blocks("Calico", "toml")[0],
}
# Complete files: README's, and the manual's first one.
(OF_README,) = blocks("Peering with MetalLB", "toml", README)
OF_MANUAL = next(text for text in re.findall(r"^```toml\n(.*?)^```", MANUAL, re.M | re.S) if "[router]" in text)


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


@pytest.mark.parametrize(("title", "kind"), [("BIRD 2, IPv6", "bird"), ("FRR, IPv6", "frr")], ids=["bird", "frr"])
def test_a_node_is_routed_to_by_ipv6(ecmpd, title, kind):
    (of_node,) = blocks(title)
    (of_router,) = blocks("IPv6", "toml")
    service = re.search(r"(2001:db8:\S+)/128", of_node)[1]
    with Lab(nodes={"node1": kind}, services=(), ipv6=True) as lab:
        own = lab.router.config().split("\n[[listen]]")[0]
        lab.router.config = lambda: own + "\n" + of_router
        lab.nodes["node1"].speaker.config = lambda: of_node
        lab.services.append(service)
        add_ipv6(lab.topology, lab.services)
        lab.start_echoes()
        lab.router.start()
        lab.nodes["node1"].speaker.start()
        assert set(udp_nodes(lab, service, range(20000, 20010), seconds=60).values()) == {"node1"}


@pytest.mark.parametrize("text", [OF_README, OF_MANUAL], ids=["README", "the manual"])
def test_a_complete_file_is_right(ecmpd, tmp_path, text):
    file = tmp_path / "ecmpd.toml"
    file.write_text(text)
    done = subprocess.run([built("ecmpd"), "--check", str(file)], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr


def test_the_router_of_readme_routes_to_a_node(ecmpd):
    """The node runs FRR, as MetalLB's do; the interfaces get the names that the file has for them."""
    with Lab(nodes={"node1": "frr"}) as lab:
        for port, of in zip(lab.topology.ports, tomllib.loads(OF_README)["port"], strict=True):
            device = of["device"].removeprefix("af_packet:")
            netns.ip("link", "set", port.device, "down", ns=lab.topology.router)
            netns.ip("link", "set", port.device, "name", device, ns=lab.topology.router)
            netns.ip("link", "set", device, "up", ns=lab.topology.router)
        # By default these two are files of the whole machine.
        here = f'[api]\nsocket = "{lab.router.socket}"\n[ecmp]\nstate_file = "{lab.router.state_file}"\n'
        lab.router.config = lambda: OF_README + here
        lab.start()
        assert set(udp_nodes(lab, SERVICE, range(20000, 20010)).values()) == {"node1"}


@pytest.mark.parametrize(
    ("title", "page", "router"),
    [("MetalLB", PAGE, ROUTER["all"]), ("Calico", PAGE, ROUTER["Calico"]), ("Peering with MetalLB", README, OF_README)],
    ids=["MetalLB", "Calico", "README"],
)
def test_what_kubernetes_is_told_fits_what_the_router_is_told(title, page, router):
    """Nobody runs these here; the numbers of both halves agree."""
    objects = {each["kind"]: each["spec"] for text in blocks(title, "yaml", page) for each in yaml.safe_load_all(text)}
    peer = objects["BGPPeer"]
    told = tomllib.loads(router)
    (listen,) = told["listen"]
    assert listen["remote_as"] == NODE_ASN == peer.get("myASN", objects.get("BGPConfiguration", {}).get("asNumber"))
    assert peer.get("peerASN", peer.get("asNumber")) == ROUTER_ASN == told.get("router", {}).get("asn", ROUTER_ASN)
    address = peer.get("peerAddress", peer.get("peerIP"))
    assert address == listen["range"].replace("0/24", "1")
    assert all(port["address"] == f"{address}/24" for port in told.get("port", []) if port["name"] == "nodes")
    pool = objects["IPAddressPool"]["addresses"] if "IPAddressPool" in objects else [
        each["cidr"] for each in objects["BGPConfiguration"]["serviceLoadBalancerIPs"]
    ]
    assert all(rule.startswith(f"{pool[0]} ") for rule in listen["import"])
    if "BGPAdvertisement" in objects:
        length = objects["BGPAdvertisement"]["aggregationLength"]
        assert all(rule == f"{pool[0]} ge {length} le {length}" for rule in listen["import"])
        assert objects["BGPAdvertisement"]["ipAddressPools"] == ["services"]


def test_readme_and_the_page_tell_metallb_the_same():
    assert blocks("Peering with MetalLB", "yaml", README) == blocks("MetalLB", "yaml")
