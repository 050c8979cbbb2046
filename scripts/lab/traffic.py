"""The traffic of a demo and its witnesses: the client's connections, the probes, a capture on every node."""

import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from . import probe, records
from .analysis import Seen
from .echo import ECHO_PORT
from .errors import LabError
from .lab import SERVICE, Lab
from .router import SERVICE_NETWORK
from .topology import FAR_DEVICE
from .wait import wait_until
from .worker import Worker

INTERVAL = 1.0  # seconds between two echoes of one connection
TIMEOUT = 5.0  # seconds without the echo: broken
CONNECT_RATE = 500  # connections opened in a second
PROBE_FLOWS = 240
PROBE_RATE = 720  # probes in a second, over all flows


@dataclass
class Harvest:
    """What the witnesses report at the end."""

    seen: Seen
    flows: list[dict] = field(default_factory=list)  # of the client
    sent: list[int] = field(default_factory=list)  # when each probe was sent


class Traffic:
    def __init__(self, lab: Lab, connections: int, tick: Callable[[str], None]):
        self.lab = lab
        self.connections = connections
        self.tick = tick  # is told what is going on, often
        self.captures: dict[str, Worker] = {}
        for name, node in lab.nodes.items():
            arguments = [FAR_DEVICE, SERVICE_NETWORK, str(self._capture_log(name))]
            self.captures[name] = Worker(lab.run, f"{name}-capture", node.ns, "capture", arguments)
        for capture in self.captures.values():
            capture.wait("ready")
        arguments = [SERVICE, str(ECHO_PORT), *(str(x) for x in (connections, INTERVAL, TIMEOUT, CONNECT_RATE))]
        self.client = Worker(lab.run, "client", lab.client, "client", arguments)
        self.probes: Worker | None = None

    def _capture_log(self, name: str):
        return self.lab.run.folder / f"{name}.capture"

    def _probe_log(self):
        return self.lab.run.folder / "probes"

    def start_probes(self) -> None:
        arguments = [SERVICE, str(ECHO_PORT), str(PROBE_FLOWS), str(PROBE_RATE), str(self._probe_log())]
        self.probes = Worker(self.lab.run, "probes", self.lab.client, "probe", arguments)
        self.probes.wait("ready")

    def summary(self) -> str:
        progress = self.client.last.get("progress", {"open": 0, "broken": 0, "echoes": 0})
        arrived = ", ".join(
            f"{name} {capture.last.get('progress', {'flows': 0})['flows']}" for name, capture in self.captures.items()
        )
        ended = f", {progress['broken']} ended" if progress["broken"] else ""
        return f"{progress['open']} open{ended}, {progress['echoes']} echoes; arrived at {arrived}"

    def wait_connected(self) -> int:
        """Until every connection is established or broken; returns how many are open."""
        seconds = self.connections / CONNECT_RATE + 2 * TIMEOUT + 20
        self._wait(lambda: "connected" in self.client.last, "the client to open its connections", seconds)
        return self.client.last["connected"]["open"]

    def wait_rounds(self, count: int) -> None:
        """Until every connection has had its turn so many times more."""
        goal = self.client.wait("progress")["rounds"] + count + 1
        self._wait(
            lambda: self.client.last["progress"]["rounds"] >= goal, "the client to talk", 10 + 5 * count * INTERVAL
        )

    def wait_timeout(self) -> None:
        """Until a connection that lost its echo just now has been found broken."""
        self.wait_rounds(int(TIMEOUT / INTERVAL) + 1)

    def _wait(self, condition: Callable[[], bool], what: str, seconds: float) -> None:
        def look() -> bool:
            self.tick(self.summary())
            self.client.check_alive()
            return condition()

        wait_until(look, what, seconds, poll=0.1)

    def finish(self) -> Harvest:
        """Ends the probes, reads what everybody saw, and leaves the connections as they are."""
        harvest = Harvest({}, self.client.ask("report", "flows")["flows"])
        self.probes.ask("stop", "stopped")
        self.wait_rounds(0)  # what was sent last may still be on its way
        with open(self._probe_log(), "rb") as log:
            harvest.sent = [time_ns for (time_ns,) in struct.iter_unpack("<Q", log.read())]
        for name, capture in self.captures.items():
            dropped = capture.ask("stop", "stopped")["dropped"]
            if dropped:
                raise LabError(f"the capture at {name} missed {dropped} packets: its counts would be wrong")
            harvest.seen[name] = records.read(self._capture_log(name))
        return harvest

    def probe_ports(self) -> range:
        return range(probe.FIRST_PORT, probe.FIRST_PORT + PROBE_FLOWS)

    def end(self) -> None:
        """Nothing of it goes on, and other traffic may begin."""
        for worker in [*self.captures.values(), self.client, *([self.probes] if self.probes else [])]:
            self.lab.run.stop(worker.name)

    def detach(self) -> None:
        """The connections, the echoes and nothing else go on without us."""
        for capture in self.captures.values():
            capture.say("quit")
        self.probes.say("quit")
        self.client.say("detach")
        for node in self.lab.nodes.values():
            node.echo.say("detach")
