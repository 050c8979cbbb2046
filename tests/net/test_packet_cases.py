"""The packet cases of tests/dataplane/cases through a running daemon: the same frames, on veths.

For each case: the frame goes in, then a fence, a packet that is known to come out. What the daemon received before the
fence it has worked on before it, so behind the fence the counters must have moved by just what the case says, and
the frames that left are compared byte by byte. Frames for hosts that are not known wait for three seconds in the
daemon: their end is looked at when all cases are through.
"""

import json
import struct
import subprocess
import time
from collections import Counter

import pytest

from lab.programs import built
from lab.wait import wait_until
from world import Daemon, balance, received, wait_readable

PATIENCE = 20  # seconds
FENCE_PORT = 1  # that it leaves by
FENCE = b"behind this frame all is done %08d"


@pytest.fixture(scope="module")
def cases(ecmpd, tmp_path_factory):
    path = tmp_path_factory.mktemp("cases") / "cases.json"
    subprocess.run([built("export_packet_cases"), str(path)], check=True, capture_output=True, timeout=60)
    return json.loads(path.read_text())


def checksum(data: bytes) -> int:
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def fence(world: dict, port: int, number: int) -> bytes:
    """To the host behind FENCE_PORT, which one nexthop leads to."""
    payload = FENCE % number
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0, 64, 253, 0, bytes([10, 0, 9, 200]),
                         bytes([198, 51, 100, 200]))  # fmt: skip
    header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
    mac = bytes.fromhex(world["ports"][port]["mac"].replace(":", ""))
    return mac + bytes.fromhex("0200000020630800") + header + payload


def without_id(frame: bytes) -> bytes:
    """The IPv4 identification of what a router originates is its own affair; the checksum must still be right."""
    if checksum(frame[14:34]) != 0:
        return frame
    header = frame[14:18] + bytes(2) + frame[20:24] + bytes(2) + frame[26:34]
    return frame[:14] + header[:10] + struct.pack("!H", checksum(header)) + header[12:] + frame[34:]


class Judge:
    """Takes cases through a daemon one by one and collects what is wrong."""

    def __init__(self, daemon: Daemon, patience: float = PATIENCE):
        self.daemon = daemon
        self.patience = patience
        self.wrong: list[str] = []
        self.number = 0
        self.before = self.counters()

    def counters(self) -> Counter:
        drops, totals, icmp = self.daemon.drops(), self.daemon.totals(), self.daemon.icmp()
        counts = {f"drop {reason}": packets for reason, packets in drops.items()}
        counts |= {f"icmp {what}": count for what, count in icmp.items()}
        return Counter(counts | {what: totals[what] for what in ("rx", "injected", "punted")})

    def expected_counters(self, case: dict) -> Counter:
        out = Counter({"rx": 2})  # the fence too
        if case["drop"]:
            out[f"drop {case['drop']}"] += 1
        if case["punt"]:
            out["punted"] += 1
        if case["icmp"]:
            out.update(["icmp sent", "injected"])
        if case["not_allowed"]:
            out["icmp not_allowed"] += 1
        return out

    def take(self, case: dict) -> None:
        self.number += 1
        in_port = case["port"]
        end_fence = fence(self.daemon.world, in_port, self.number)
        mark = FENCE % self.number
        twin = self.daemon.twins[in_port] if case["punt"] not in (None, "glean") else None
        expected = Counter((f["port"], bytes.fromhex(f["hex"])) for f in case["frames"])
        any_id = any(f["any_id"] for f in case["frames"])
        frame = bytes.fromhex(case["frame"])

        seen: Counter = Counter()
        up: list[bytes] = []
        fenced = False
        self.daemon.ends[in_port].send(frame)
        self.daemon.ends[in_port].send(end_fence)
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline:
            for port, end in enumerate(self.daemon.ends):
                for got in received(end):
                    if port == FENCE_PORT and got.endswith(mark):
                        fenced = True
                    else:
                        seen[port, without_id(got) if any_id and (port, got) not in expected else got] += 1
            if twin is not None:
                up += [got for got in received(twin) if got == frame]
            if fenced and sum(seen.values()) >= sum(expected.values()) and (twin is None or up):
                break
            wait_readable([*self.daemon.ends, *([twin] if twin is not None else [])], deadline)
        problems = []
        if not fenced:
            problems.append("the daemon did not forward the fence")
        for (port, data), count in (expected - seen).items():
            problems.append(f"did not leave by port {port}, {count} times: {data.hex()}")
        for (port, data), count in (seen - expected).items():
            problems.append(f"left by port {port}, {count} times: {data.hex()}")
        if twin is not None and len(up) != 1:
            problems.append(f"came {len(up)} times to the twin as it was")
        after = self.counters()
        moved = after - self.before
        wanted = self.expected_counters(case)
        if moved != wanted:
            problems.append(f"counters: {dict(moved)}, not {dict(wanted)}")
        self.before = after
        self.wrong += [f"{case['table']}: {case['why']}: {problem}" for problem in problems]


def run_setup(cases: dict, setup: dict) -> tuple[list[str], int]:
    """What is wrong, and how many cases ran."""
    ecmp = {"key": setup["key"], "symmetric": setup["symmetric"]}
    sendable = [case for case in setup["cases"] if not case["not_sendable"]]
    waiting = [case for case in sendable if case["punt"] == "glean"]
    with Daemon(cases["world"], ecmp) as daemon:
        judge = Judge(daemon)
        for case in sendable:
            if case not in waiting:
                judge.take(case)
        # These move counters once more when nobody has answered for their hosts: last, and each end looked at.
        given_up = judge.before["drop unresolved"] + len(waiting)
        for case in waiting:
            judge.take(case)
        wait_until(lambda: daemon.drops()["unresolved"] >= given_up, "hosts to be given up", PATIENCE)
        wait_until(lambda: balance(daemon.totals()) == 0, "every packet to be accounted for", PATIENCE)
        if (dropped := daemon.drops()["unresolved"]) != given_up:
            judge.wrong.append(f"{dropped} packets found no host, not {given_up}")
        return judge.wrong, len(sendable)


def test_every_case_does_on_a_wire_what_it_does_in_the_stages(cases, record_property):
    wrong: list[str] = []
    ran = 0
    for setup in cases["setups"]:
        problems, count = run_setup(cases, setup)
        wrong += problems
        ran += count
    left_out = [case for setup in cases["setups"] for case in setup["cases"] if case["not_sendable"]]
    record_property("packet_cases_in_daemon", ran)
    record_property("packet_cases_not_sendable", len(left_out))
    assert not wrong, "\n".join([f"{len(wrong)} of {ran}", *wrong[:40]])
    assert ran > 1000 and len(left_out) < 10


def test_the_judge_sees_what_is_wrong(cases):
    """Cases that say what does not happen must fail."""
    setup = cases["setups"][0]
    plain = next(case for case in setup["cases"] if case["why"] == "a plain UDP packet is forwarded")
    expired = next(case for case in setup["cases"] if case["why"] == "traceroute's probe")
    frame = plain["frames"][0]
    other_byte = {**frame, "hex": frame["hex"][:-2] + "ff"}
    with Daemon(cases["world"], {"key": setup["key"]}) as daemon:
        for lie in (
            {**plain, "frames": [{**frame, "port": frame["port"] % 3 + 1}]},
            {**plain, "frames": [other_byte]},
            {**plain, "drop": "no_route"},
            {**expired, "drop": "no_route"},
            {**expired, "icmp": False},
            {**plain, "punt": "other"},
        ):
            judge = Judge(daemon, patience=1)
            judge.take(lie)
            assert judge.wrong, lie["why"]
        judge = Judge(daemon)
        judge.take(plain)
        judge.take(expired)
        assert judge.wrong == []

