"""What every BGP daemon on a node has in common.

A speaker opens the session to the router itself, announces the node's services from the start, and takes one back or
announces it again through its daemon's own control program, as an operator would.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from .. import netns
from ..errors import LabError
from ..run import Run

NODE_ASN = 64512
ROUTER_ASN = 64500


@dataclass
class NodePlace:
    """Where a daemon runs and whom it talks to."""

    name: str
    ns: str
    address: str
    router: str
    services: list[str]  # addresses, announced as /32


class Speaker:
    kind = "none"  # for people: "BIRD"
    package = ""  # of the distribution

    def __init__(self, run: Run, place: NodePlace):
        self.run = run
        self.place = place
        self.process_name = f"{place.name}-bgp"

    def start(self) -> None:
        """Starts the daemon, announcing every service of its place."""
        raise NotImplementedError

    def announce(self, service: str) -> None:
        raise NotImplementedError

    def withdraw(self, service: str) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        self.run.stop(self.process_name)

    def check_alive(self) -> None:
        process = self.run.processes.get(self.process_name)
        if process is not None and process.poll() is not None:
            raise LabError(f"{self.kind} on {self.place.name} ended:\n{self.run.tail(self.process_name)}")

    # For the daemons

    def path(self, suffix: str) -> Path:
        return self.run.folder / f"{self.place.name}.{suffix}"

    def write(self, suffix: str, text: str) -> str:
        self.path(suffix).write_text(text)
        return str(self.path(suffix))

    def spawn(self, argv: list[str], **options) -> None:
        self.run.spawn(self.process_name, self.place.ns, argv, **options)

    def try_control(self, *argv: str) -> subprocess.CompletedProcess:
        command = netns.command(self.place.ns, *argv)
        return subprocess.run(command, capture_output=True, text=True, timeout=20)

    def control(self, *argv: str) -> str:
        done = self.try_control(*argv)
        if done.returncode:
            raise LabError(f"{' '.join(argv)} on {self.place.name}: {(done.stderr or done.stdout).strip()}")
        return done.stdout
