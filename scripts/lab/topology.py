"""Namespaces, links and addresses: one client, N nodes, and the router between them.

    client 10.0.0.2 ---- 10.0.0.1 [veth0] router [vethN] 10.0.N.1 ---- 10.0.N.11 node N, and the services on its lo

The router's side of each link carries no address here: whoever routes puts them where it wants them.
"""

import subprocess
from dataclasses import dataclass, field

from . import netns
from .errors import LabError
from .run import Run

CLIENT_ADDRESS = "10.0.0.2"
FAR_DEVICE = "eth0"


@dataclass
class Port:
    """The router's end of a link."""

    name: str
    device: str
    address: str  # with its prefix length


@dataclass
class Topology:
    router: str
    client: str
    nodes: list[str]
    ports: list[Port] = field(default_factory=list)


def router_address(n: int) -> str:
    return f"10.0.{n}.1"


def node_address(n: int) -> str:
    return f"10.0.{n}.11"


def _link(router: str, device: str, far: str, address: str, gateway: str) -> None:
    netns.ip("link", "add", device, "netns", router, "type", "veth", "peer", "name", FAR_DEVICE, "netns", far)
    netns.sysctl(router, f"net.ipv6.conf.{device}.disable_ipv6", 1)
    netns.sysctl(far, f"net.ipv6.conf.{FAR_DEVICE}.disable_ipv6", 1)
    # A veth hands over unfinished checksums, and whoever reads frames from it would forward them so.
    offload = ["ip", "netns", "exec", far, "ethtool", "-K", FAR_DEVICE, "tx", "off"]
    done = subprocess.run(offload, capture_output=True, text=True)
    if done.returncode:
        raise LabError(f"{' '.join(offload)}: {done.stderr.strip()}")
    netns.ip("addr", "add", f"{address}/24", "dev", FAR_DEVICE, ns=far)
    netns.ip("link", "set", FAR_DEVICE, "up", ns=far)
    netns.ip("link", "set", device, "up", ns=router)
    netns.ip("route", "add", "default", "via", gateway, ns=far)


def build(run: Run, node_names: list[str], services: list[str]) -> Topology:
    router = run.namespace("router")
    client = run.namespace("client")
    topology = Topology(router, client, [])
    _link(router, "veth0", client, CLIENT_ADDRESS, router_address(0))
    topology.ports.append(Port("client", "veth0", f"{router_address(0)}/24"))
    for n, name in enumerate(node_names, start=1):
        node = run.namespace(name)
        _link(router, f"veth{n}", node, node_address(n), router_address(n))
        for service in services:
            netns.ip("addr", "add", f"{service}/32", "dev", "lo", ns=node)
        topology.nodes.append(node)
        topology.ports.append(Port(name, f"veth{n}", f"{router_address(n)}/24"))
    return topology
