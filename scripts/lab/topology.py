"""Namespaces, links and addresses: one client, N nodes, and the router between them.

    client 10.0.0.2 ---- 10.0.0.1 [veth0] router [vethN] 10.0.N.1 ---- 10.0.N.11 node N, and the services on its lo

The router's side of each link carries no address here: whoever routes puts them where it wants them. A router that
makes its own links (`wires=False`) makes an interface for each port, and `plug` moves them to the far ends.
"""

from dataclasses import dataclass, field

from . import netns
from .run import Run

CLIENT_ADDRESS = "10.0.0.2"
CLIENT_ADDRESS6 = "fd00::2"  # of a lab with two families
LINK_LOCAL6 = "fe80::11"  # of every node
FAR_DEVICE = "eth0"


@dataclass
class Port:
    """The router's end of a link."""

    name: str
    device: str
    address: str  # with its prefix length
    far: str  # the namespace at the other end
    far_address: str


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


def router_address6(n: int) -> str:
    return f"fd00:{n}::1" if n else "fd00::1"


def node_address6(n: int) -> str:
    return f"fd00:{n}::11"


def _wire(router: str, port: Port, queues: int) -> None:
    far = port.far
    many = ("numrxqueues", str(queues), "numtxqueues", str(queues))
    netns.ip("link", "add", port.device, "netns", router, *many, "type", "veth", "peer", "name", FAR_DEVICE, "netns",
             far, *many)  # fmt: skip
    netns.sysctl(router, f"net.ipv6.conf.{port.device}.disable_ipv6", 1)
    netns.ip("link", "set", port.device, "up", ns=router)
    # A veth hands over unfinished checksums, and whoever reads frames from it would forward them so.
    netns.run(far, "ethtool", "-K", FAR_DEVICE, "tx", "off")


def _far_end(port: Port) -> None:
    far = port.far
    netns.sysctl(far, f"net.ipv6.conf.{FAR_DEVICE}.disable_ipv6", 1)
    netns.ip("addr", "add", f"{port.far_address}/24", "dev", FAR_DEVICE, ns=far)
    netns.ip("link", "set", FAR_DEVICE, "up", ns=far)
    netns.ip("route", "add", "default", "via", port.address.split("/")[0], ns=far)


def rewire(topology: Topology, n: int) -> None:
    """Deletes the wire of node n, and makes a new one of the same names."""
    port = topology.ports[n]
    netns.ip("link", "del", port.device, ns=topology.router)
    _wire(topology.router, port, 1)
    _far_end(port)


def plug(topology: Topology) -> None:
    """Moves the interfaces that the router has made into the namespaces of the far ends."""
    for port in topology.ports:
        netns.ip("link", "set", port.device, "netns", port.far, "name", FAR_DEVICE, ns=topology.router)
        _far_end(port)


def build(run: Run, node_names: list[str], services: list[str], wires: bool = True, queues: int = 1) -> Topology:
    """`queues`: of each wire, in either direction."""
    router = run.namespace("router")
    client = run.namespace("client")
    topology = Topology(router, client, [])
    topology.ports.append(Port("client", "veth0", f"{router_address(0)}/24", client, CLIENT_ADDRESS))
    for n, name in enumerate(node_names, start=1):
        node = run.namespace(name)
        for service in services:
            netns.ip("addr", "add", f"{service}/32", "dev", "lo", ns=node)
        topology.nodes.append(node)
        topology.ports.append(Port(name, f"veth{n}", f"{router_address(n)}/24", node, node_address(n)))
    for port in topology.ports if wires else ():
        _wire(router, port, queues)
        _far_end(port)
    return topology


def add_ipv6(topology: Topology, services: list[str]) -> None:
    """IPv6 at the far ends, beside IPv4: fd00:N::11 and fe80::11 on node N, the services (of any family) on its lo."""
    for n, port in enumerate(topology.ports):
        netns.sysctl(port.far, f"net.ipv6.conf.{FAR_DEVICE}.accept_dad", 0)
        netns.sysctl(port.far, f"net.ipv6.conf.{FAR_DEVICE}.disable_ipv6", 0)
        addresses = [(node_address6(n), FAR_DEVICE, 64), (LINK_LOCAL6, FAR_DEVICE, 64)] if n else []
        addresses += [(CLIENT_ADDRESS6, FAR_DEVICE, 64)] if not n else []
        addresses += [(service, "lo", 128 if ":" in service else 32) for service in services if n]
        for address, device, length in addresses:
            netns.ip("addr", "add", f"{address}/{length}", "dev", device, *(["nodad"] * (":" in address)), ns=port.far)
        netns.ip("-6", "route", "add", "default", "via", router_address6(n), "dev", FAR_DEVICE, ns=port.far)
