"""What the laboratory asks of a router, whichever it is."""

from .run import Run
from .topology import Topology

SERVICE_NETWORK = "203.0.113.0/24"


class Router:
    kind = "none"

    def __init__(self, run: Run, topology: Topology):
        self.run = run
        self.topology = topology

    def start(self) -> None:
        """Starts it and waits until it would take a session."""
        raise NotImplementedError

    def stop(self) -> int:
        return self.run.stop("router")

    def nexthops(self, service: str) -> set[str]:
        """The addresses that packets for the service are spread over right now."""
        raise NotImplementedError

    def look_around(self) -> list[str]:
        """Commands for a person who explores a lab that was kept."""
        return []
