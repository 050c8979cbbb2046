"""What the captures say: where each connection went, and which ones were split, moved or broken.

Pure functions over records, so that they can be tested without a network. Words:
  split    packets of one connection at more than one node while the membership was stable
  moved    a connection of another node than the one that leaves or returns, seen at another node than before
  broken   a reset, a close, or no echo in time, on a connection of another node
  outage   the longest run of probes in a row, of flows of the leaving or returning node, none of which reached any
           node: from the sending of the first lost one to the sending of the next one that arrived; 0 if none was lost
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from .records import TCP, UDP, Record

Seen = dict[str, list[Record]]  # by node name


@dataclass
class Window:
    """A span of CLOCK_REALTIME in ns: start included, end not."""

    start: int
    end: int

    def __contains__(self, time_ns: int) -> bool:
        return self.start <= time_ns < self.end


def nodes_by_port(seen: Seen, window: Window, protocol: int = TCP) -> dict[int, set[str]]:
    """Source port -> the nodes where its packets arrived. One client address, one service: the port names the flow."""
    found: dict[int, set[str]] = {}
    for node, records in seen.items():
        for record in records:
            if record.protocol == protocol and record.time_ns in window:
                found.setdefault(record.sport, set()).add(node)
    return found


def owners(seen: Seen, window: Window, protocol: int = TCP) -> dict[int, str]:
    """Source port -> the node of its newest packet in the window."""
    newest: dict[int, tuple[int, str]] = {}
    for node, records in seen.items():
        for record in records:
            if record.protocol == protocol and record.time_ns in window:
                if record.sport not in newest or record.time_ns > newest[record.sport][0]:
                    newest[record.sport] = (record.time_ns, node)
    return {port: node for port, (_, node) in newest.items()}


def split(seen: Seen, stable: Iterable[Window]) -> set[int]:
    """Source ports of the connections that were split in any of the stable windows."""
    return {port for window in stable for port, nodes in nodes_by_port(seen, window).items() if len(nodes) > 1}


def moved(seen: Seen, before: dict[int, str], window: Window, but: str) -> set[int]:
    """Source ports of the connections, not owned by node `but`, with a packet at a node that did not own them."""
    return {
        port
        for port, nodes in nodes_by_port(seen, window).items()
        if before.get(port, but) != but and nodes != {before[port]}
    }


def broken(flows: list[dict], owner: dict[int, str], window: Window, but: str) -> Counter:
    """Reasons, counted, why connections that node `but` did not own broke in the window."""
    return Counter(
        flow["broken"]
        for flow in flows
        if flow["broken"] and flow["broken_ns"] in window and owner.get(flow["port"], "") != but
    )


def outage_ms(seen: Seen, sent: list[int], ports: set[int], first_port: int, flows: int, window: Window) -> float:
    """The outage of the probe flows with these source ports; `sent[n]` is when probe n was sent."""
    arrived = {r.number for records in seen.values() for r in records if r.protocol == UDP}
    longest = 0
    lost_since = None
    last_sent = None
    for number, time_ns in enumerate(sent):
        if time_ns not in window or first_port + number % flows not in ports:
            continue
        last_sent = time_ns
        if number in arrived:
            if lost_since is not None:
                longest = max(longest, time_ns - lost_since)
            lost_since = None
        elif lost_since is None:
            lost_since = time_ns
    if lost_since is not None:
        longest = max(longest, last_sent - lost_since)
    return round(longest / 1e6, 1)
