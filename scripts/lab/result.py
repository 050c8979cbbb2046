"""From what was seen to the final object of the demo, and to the sentences about what is wrong with it."""

from collections import Counter
from dataclasses import dataclass

from . import analysis
from .analysis import Window
from .binomial import band
from .lab import Lab
from .probe import FIRST_PORT
from .records import UDP
from .story import Told
from .traffic import PROBE_FLOWS


@dataclass
class Result:
    json: dict  # exactly what `--json` prints
    problems: list[str]
    ended_with_leaver: int  # connections of the node that left, which nobody can save


def conclude(lab: Lab, told: Told, connections: int) -> Result:
    moments, seen, flows = told.moments, told.harvest.seen, told.harvest.flows
    first = Window(moments.ready, moments.leaving)
    owner = analysis.owners(seen, first)
    shares = Counter(owner[flow["port"]] for flow in flows if flow["established"] and flow["port"] in owner)
    low, high = band(connections, len(lab.nodes))
    nodes = [
        {
            "name": name,
            "daemon": node.speaker.kind,
            "connections": shares[name],
            "expected": round(connections / len(lab.nodes), 1),
            "low": low,
            "high": high,
        }
        for name, node in lab.nodes.items()
    ]
    split = analysis.split(seen, moments.stable())
    leave = Window(moments.leaving, moments.returning)
    back = Window(moments.returning, moments.end)
    # Who owned a flow just before: a connection that moved once does not count again while it stays.
    owner_then = {**owner, **analysis.owners(seen, Window(moments.ready, moments.returning))}
    owner_then.update({port: told.leaver for port, node in owner.items() if node == told.leaver})
    result = {
        "connections": connections,
        "nodes": nodes,
        "split_connections": len(split),
        "leave": _change(told, owner, leave),
        "return": _change(told, owner_then, back),
    }
    early = [flow for flow in flows if flow["broken"] and flow["broken_ns"] < moments.leaving]
    ended = [f for f in flows if f["broken"] and f["broken_ns"] in leave and owner.get(f["port"]) == told.leaver]
    return Result(result, _problems(result, early, flows, sum(shares.values())), len(ended))


def _change(told: Told, owner: dict[int, str], window: Window) -> dict:
    seen = told.harvest.seen
    probes = analysis.owners(seen, Window(told.moments.probing, told.moments.leaving), UDP)
    ports = {port for port, node in probes.items() if node == told.leaver}
    return {
        "node": told.leaver,
        "broken_on_others": analysis.broken(told.harvest.flows, owner, window, told.leaver).total(),
        "moved_on_others": len(analysis.moved(seen, owner, window, told.leaver)),
        "outage_ms": analysis.outage_ms(seen, told.harvest.sent, ports, FIRST_PORT, PROBE_FLOWS, window),
    }


def _problems(result: dict, early: list[dict], flows: list[dict], arrived: int) -> list[str]:
    problems = []
    wanted = result["connections"]
    established = sum(flow["established"] for flow in flows)
    if established != wanted:
        reasons = Counter(flow["broken"] for flow in flows if not flow["established"])
        problems.append(f"only {established} of {wanted} connections were established: {dict(reasons)}")
    elif early:
        reasons = Counter(flow["broken"] for flow in early)
        problems.append(f"{len(early)} connections broke before any node left: {dict(reasons)}")
    if arrived != established:
        problems.append(f"{established} connections were established, but {arrived} were seen at the nodes")
    for node in result["nodes"]:
        if not node["low"] <= node["connections"] <= node["high"]:
            problems.append(
                f"{node['name']} received {node['connections']} connections, outside {node['low']} to {node['high']}"
            )
    if result["split_connections"]:
        problems.append(f"{result['split_connections']} connections were split over nodes")
    for when in ("leave", "return"):
        change = result[when]
        for key in ("broken", "moved"):
            count = change[f"{key}_on_others"]
            if count:
                problems.append(f"on the {when} of {change['node']}, {count} connections of the others were {key}")
    return problems
