"""The demo's result for a person: aligned tables, colour on a terminal only."""

import sys

from .result import Result
from .terminal import colour


def _aligned(rows: list[list[str]]) -> list[str]:
    """The first column to the left, numbers to the right; the second column is a name too."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(w) if i < 2 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths))).rstrip()
        for row in rows
    ]


def _verdict(good: bool) -> str:
    return colour(sys.stdout, "ok", "green") if good else colour(sys.stdout, "WRONG", "red")


def render(result: Result, router: str) -> str:
    data = result.json
    rows = [["node", "daemon", "connections", "expected", "chance allows"]]
    for node in data["nodes"]:
        rows.append(
            [
                node["name"],
                node["daemon"],
                str(node["connections"]),
                str(node["expected"]),
                f"{node['low']}..{node['high']}",
            ]
        )
    header, *body = _aligned(rows)
    lines = [f"{data['connections']} connections through {router}, counted at the nodes", ""]
    lines.append(colour(sys.stdout, header, "bold"))
    for node, line in zip(data["nodes"], body):
        lines.append(f"{line}  {_verdict(node['low'] <= node['connections'] <= node['high'])}")
    lines += ["", f"split over nodes: {data['split_connections']}  {_verdict(not data['split_connections'])}", ""]

    rows = [["change", "node", "broke on others", "moved on others", "outage"]]
    for name, key in (("leaves", "leave"), ("returns", "return")):
        change = data[key]
        counts = [str(change["broken_on_others"]), str(change["moved_on_others"])]
        rows.append([name, change["node"], *counts, f"{change['outage_ms']:g} ms"])
    header, *body = _aligned(rows)
    lines.append(colour(sys.stdout, header, "bold"))
    for key, line in zip(("leave", "return"), body):
        change = data[key]
        lines.append(f"{line}  {_verdict(not change['broken_on_others'] and not change['moved_on_others'])}")
    leaver = data["leave"]["node"]
    lines += ["", f"{result.ended_with_leaver} connections of {leaver} ended when it left, as they must."]
    return "\n".join(lines)
