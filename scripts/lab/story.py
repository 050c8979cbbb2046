"""What happens in the demo, in order, and the moments that divide it into windows."""

import time
from dataclasses import dataclass

from .analysis import Window
from .lab import SERVICE, Lab
from .terminal import Progress
from .traffic import Harvest, Traffic


@dataclass
class Moments:
    """CLOCK_REALTIME in ns. Membership is stable between the odd pairs: ready-leaving, left-returning, returned-end."""

    ready: int = 0  # before the first connection
    probing: int = 0
    leaving: int = 0  # before the daemon is told
    left: int = 0  # the router's table no longer has the node
    returning: int = 0
    returned: int = 0
    end: int = 0

    def stable(self) -> list[Window]:
        return [
            Window(self.ready, self.leaving),
            Window(self.left, self.returning),
            Window(self.returned, self.end),
        ]


@dataclass
class Told:
    """A finished story."""

    moments: Moments
    harvest: Harvest
    leaver: str
    traffic: Traffic


def tell(lab: Lab, connections: int, leaver: str, progress: Progress) -> Told:
    moments = Moments()
    node = lab.nodes[leaver]
    rest = set(lab.nodes) - {leaver}

    lab.start_echoes()
    lab.router.start()
    progress.step(f"{lab.router.kind} runs; starting " + ", ".join(n.speaker.kind for n in lab.nodes.values()))
    for each in lab.nodes.values():
        each.speaker.start()
    lab.wait_for(SERVICE, set(lab.nodes))
    progress.step(f"{SERVICE}/32 is announced by {len(lab.nodes)} nodes; opening {connections} connections")

    moments.ready = time.time_ns()
    traffic = Traffic(lab, connections, progress.status)
    opened = traffic.wait_connected()
    progress.step(f"{opened} connections are open; an echo a second on each")
    moments.probing = time.time_ns()
    traffic.start_probes()
    traffic.wait_rounds(3)

    moments.leaving = time.time_ns()
    node.speaker.withdraw(SERVICE)
    lab.wait_for(SERVICE, rest)
    moments.left = time.time_ns()
    progress.step(f"{leaver} ({node.speaker.kind}) withdrew {SERVICE}/32; others get its connections and reset them")
    traffic.wait_timeout()

    moments.returning = time.time_ns()
    node.speaker.announce(SERVICE)
    lab.wait_for(SERVICE, set(lab.nodes))
    moments.returned = time.time_ns()
    progress.step(f"{leaver} is back; watching the others")
    traffic.wait_timeout()

    moments.end = time.time_ns()
    traffic.wait_rounds(1)  # what was under way has arrived
    harvest = traffic.finish()
    progress.clear()
    return Told(moments, harvest, leaver, traffic)
