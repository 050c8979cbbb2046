"""The whole laboratory: a run, its topology, a router, and a daemon and an echo service on every node."""

from dataclasses import dataclass

from .errors import LabError
from .router import Router
from .router_ecmpd import EcmpdRouter, Options
from .router_linux import LinuxRouter
from .run import Run
from .speakers import SPEAKERS, NodePlace, Speaker
from .topology import build, node_address, router_address
from .wait import wait_until
from .worker import Worker

DEMO_NODES = {"node1": "bird", "node2": "frr", "node3": "gobgp"}
SERVICE = "203.0.113.10"
SETTLE_SECONDS = 60


@dataclass
class Node:
    name: str
    ns: str
    address: str
    speaker: Speaker
    echo: Worker | None = None


class Lab:
    """Use it as a context. `start` brings everything up; single parts can be started by hand instead."""

    def __init__(
        self,
        nodes: dict[str, str] = DEMO_NODES,
        services: tuple[str, ...] = (SERVICE,),
        router: str = "ecmpd",
        queues: int = 1,
        **options: object,
    ):
        """`options` are those of router_ecmpd.Options; `queues` is how many every wire has in either direction."""
        ecmpd = Options(**options)
        self.services = list(services)
        self.run = Run()
        try:
            self.topology = build(self.run, list(nodes), self.services, wires=ecmpd.device != "tap", queues=queues)
            self.router: Router = (
                EcmpdRouter(self.run, self.topology, ecmpd)
                if router == "ecmpd"
                else LinuxRouter(self.run, self.topology)
            )
            self.client = self.topology.client
            self.nodes = {name: self._node(n, name, kind) for n, (name, kind) in enumerate(nodes.items(), start=1)}
        except BaseException:
            self.run.close()
            raise

    def _node(self, n: int, name: str, kind: str) -> Node:
        if kind not in SPEAKERS:
            raise LabError(f"no BGP daemon is called {kind}; known: {', '.join(SPEAKERS)}")
        ns = self.topology.nodes[n - 1]
        place = NodePlace(name, ns, node_address(n), router_address(n), self.services)
        return Node(name, ns, place.address, SPEAKERS[kind](self.run, place))

    def __enter__(self) -> "Lab":
        return self

    def __exit__(self, *exc) -> None:
        self.run.__exit__(*exc)

    def start(self) -> None:
        self.start_echoes()
        self.router.start()
        for node in self.nodes.values():
            node.speaker.start()
        for service in self.services:
            self.wait_for(service, set(self.nodes))

    def start_echoes(self) -> None:
        for node in self.nodes.values():
            node.echo = Worker(self.run, f"{node.name}-echo", node.ns, "echo", [node.name, *self.services])
        for node in self.nodes.values():
            node.echo.wait("ready")

    def wait_for(self, service: str, names: set[str], seconds: float = SETTLE_SECONDS) -> None:
        """Waits until the router spreads a service over exactly these nodes."""
        wanted = {self.nodes[name].address for name in names}

        def arrived() -> bool:
            for node in self.nodes.values():
                node.speaker.check_alive()
            return self.router.nexthops(service) == wanted

        try:
            wait_until(arrived, f"{service} to be routed to {', '.join(sorted(names)) or 'no node'}", seconds)
        except LabError as error:
            now = ", ".join(sorted(self.router.nexthops(service))) or "nowhere"
            raise LabError(f"{error}; now to {now}\n{self.run.tail('router')}") from None

    def node_at(self, address: str) -> str:
        return next(node.name for node in self.nodes.values() if node.address == address)
