"""The demo: a router between three real BGP daemons and a client, and what happens when a node leaves and returns.

Exit status: 0 all is as it should be; 1 a connection was split, moved or broken, or a share is not chance; 2 the lab
could not run.
"""

import argparse
import json
import signal
import sys

from . import run
from .errors import LabError
from .lab import DEMO_NODES, Lab
from .result import conclude
from .story import tell
from .table import render
from .terminal import Progress, colour


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__.split("\n\n")[0])
    parser.add_argument("--json", action="store_true", help="print the final object only; progress on standard error")
    parser.add_argument("--connections", type=int, default=2000, metavar="N", help="TCP connections (default: 2000)")
    parser.add_argument(
        "--router",
        choices=("ecmpd", "linux"),
        default="ecmpd",
        help="who routes: ecmpd, or for comparison Linux with BIRD (default: ecmpd)",
    )
    # Not the middle one: a router that divides the hash space into ranges moves nothing when that leaves.
    parser.add_argument("--leave", choices=DEMO_NODES, default="node1", help="the node that leaves and returns")
    parser.add_argument("--keep", action="store_true", help="leave the lab up at the end, and say how to look around")
    parser.add_argument("--clean", action="store_true", help="remove the labs that were kept, and do nothing else")
    parser.add_argument("--no-build", action="store_true", help="install and build nothing; use what $BUILD holds")
    arguments = parser.parse_args()
    if not 1 <= arguments.connections <= 15000:
        parser.error("--connections: allowed are 1 to 15000")
    return arguments


def _look_around(lab: Lab) -> str:
    lines = ["The lab stays up, with its connections. To look around:"]
    lines += [f"  {command}" for command in lab.router.look_around()]
    lines += [f"  ip netns exec {node.ns} tcpdump -ni eth0   # {node.speaker.kind}" for node in lab.nodes.values()]
    lines += ["To remove it:", "  scripts/demo --clean"]
    return "\n".join(lines)


def _demo(arguments: argparse.Namespace) -> int:
    progress = Progress()
    with Lab(router=arguments.router) as lab:
        try:
            told = tell(lab, arguments.connections, arguments.leave, progress)
        finally:
            progress.clear()
        result = conclude(lab, told, arguments.connections)
        print(json.dumps(result.json) if arguments.json else render(result, lab.router.kind), flush=True)
        for problem in result.problems:
            print(colour(sys.stderr, f"scripts/demo: {problem}", "red"), file=sys.stderr)
        if arguments.keep:
            told.traffic.detach()
            lab.run.keep()
            print(f"\n{_look_around(lab)}", file=sys.stderr)
    return 1 if result.problems else 0


def main() -> int:
    arguments = parse_arguments()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda n, _frame: sys.exit(128 + n))
    try:
        if arguments.clean:
            for run_id in run.sweep(kept_too=True):
                print(f"removed lab {run_id}", file=sys.stderr)
            return 0
        return _demo(arguments)
    except LabError as error:
        print(f"scripts/demo: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
