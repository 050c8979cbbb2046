"""The bound of 1,024 members: of 1,025 equal paths the same one is left out whoever came first, with one line in the log.

Five nodes have a session each and announce one service over 205 nexthops, by path identifiers (RFC 7911). Order is that
of BGP identifiers, then of nexthops: the last nexthop of the last node is the one too many.
"""

import socket
import struct

import pytest

from bgp_swarm import Speaker
from lab import api
from lab.run import Run
from lab.speakers.base import NODE_ASN
from raw_bgp import UPDATE, message
from test_thousand_sessions import SERVICE, World, nexthop, session_address

MOST, NODES, EACH = 1024, 5, 205
ALL = range(MOST + 1)
SECONDS = 60
LINE = "have more equal paths than maximum_paths = 1024"
NLRI = b"\x20" + socket.inet_aton(SERVICE.split("/")[0])


def announce(n: int) -> bytes:
    attrs = bytes.fromhex("40010100 4002060201") + struct.pack("!I", NODE_ASN) + bytes.fromhex("400304")
    attrs += socket.inet_aton(nexthop(n))
    return message(UPDATE, struct.pack("!HH", 0, len(attrs)) + attrs + struct.pack("!I", n + 1) + NLRI)


def withdraw(n: int) -> bytes:
    route = struct.pack("!I", n + 1) + NLRI
    return message(UPDATE, struct.pack("!H", len(route)) + route + b"\0\0")


class Members:
    def __init__(self, run: Run):
        self.run = run
        groups = [ALL[node * EACH : (node + 1) * EACH] for node in range(NODES)]
        self.world = World(run, len(ALL), [
            Speaker(session_address(node), b"".join(map(announce, group)), add_path=True) for node, group in enumerate(groups)
        ])  # fmt: skip

    def wait(self, wanted: set[int]) -> None:
        addresses = {nexthop(n) for n in wanted}
        found = lambda: self.world.routes().get(SERVICE) == addresses  # noqa: E731
        self.world.swarm.run_until(found, f"{len(wanted)} members", SECONDS, every=0.1)

    def lines(self) -> int:
        return self.run.log("router").read_text().count(LINE)

    def unused(self) -> dict[str, str]:
        """The paths that are not used, and why."""
        [route] = api.get(self.world.socket, "show/routes", prefix=SERVICE)["routes"]
        return {path["nexthop"]: path["reason"] for path in route["paths"] if not path["used"]}


@pytest.mark.parametrize("order", [range(NODES), range(NODES)[::-1]], ids=["first_to_last", "last_to_first"])
def test_one_too_many_is_left_out_and_comes_in_when_another_goes(ecmpd, order):
    everybody, last = set(ALL), ALL[-1]
    with Run() as run:
        members = Members(run)
        swarm = members.world.swarm
        there: set[int] = set()
        for node in order:
            swarm.connect([swarm.speakers[node]])
            there |= set(ALL[node * EACH : (node + 1) * EACH])
            members.wait(there - {last} if there == everybody else there)
        assert members.unused() == {nexthop(last): "beyond maximum_paths"}
        assert members.lines() == 1

        first = swarm.speakers[0]
        first.send(withdraw(0))
        members.wait(everybody - {0})
        assert members.unused() == {}
        first.send(announce(0))
        members.wait(everybody - {last})
        assert members.unused() == {nexthop(last): "beyond maximum_paths"}
        assert members.lines() == 2, "once each time that it begins"
        swarm.disconnect([swarm.speakers[2]])
        members.wait(everybody - set(ALL[2 * EACH : 3 * EACH]))
        swarm.disconnect([one for one in swarm.speakers if one.sock is not None])
