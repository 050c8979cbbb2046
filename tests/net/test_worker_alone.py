"""A worker among packets that never end makes no system call and asks for no memory.

Other threads of the same process do, while it is looked at: so what looks is known to see.
"""

import struct
import sys
from pathlib import Path

import pytest

from lab.programs import ROOT, built, installed
from lab.run import Run
from lab.wait import wait_until

sys.path.insert(0, str(ROOT / "bench"))

from pollmode import frames, router  # noqa: E402

FLOWS = 1000
PACKETS = 10_000_000
_RECORDS = struct.Struct("=QQ")


@pytest.fixture
def run(ecmpd):
    with Run() as run:
        yield run


class Allocations:
    """What allocation_counter.cc counts."""

    def __init__(self, path: Path):
        self._path = path
        path.write_bytes(bytes(_RECORDS.size * 257))
        self.environment = {"ALLOCATION_COUNTS": str(path), "LD_PRELOAD": built("liballocation_counter.so")}

    def by_thread(self) -> dict[int, int]:
        records = list(_RECORDS.iter_unpack(self._path.read_bytes()))
        return dict(records[1 : 1 + records[0][0]])


def endless_router(run, ns, environment=None):
    devices = router.endless(router.write_inputs(run.folder, frames.make_flows(FLOWS)))
    return router.Ecmpd(run, ns, devices, environment=environment)


def forward_many(program):
    """Packets, without a drop among them."""
    before = program.totals()
    enough = before.rx + PACKETS
    wait_until(lambda: program.totals().rx >= enough, f"{PACKETS} packets", 60)
    assert program.totals().drops == before.drops == {}


def test_it_allocates_nothing(run):
    allocations = Allocations(run.folder / "allocations")
    program = endless_router(run, run.namespace("poll"), allocations.environment)
    forward_many(program)  # what is done once has been done
    before = allocations.by_thread()
    forward_many(program)
    after = allocations.by_thread()
    worker = program.worker_thread
    assert after.get(worker, 0) == before.get(worker, 0)
    assert sum(after.values()) > sum(before.values()), "control allocates when it answers"
    program.close()


def test_it_makes_no_system_call(run):
    ns = run.namespace("poll")
    program = endless_router(run, ns)
    forward_many(program)
    log = run.folder / "calls"
    threads = [str(program.process.pid), str(program.worker_thread)]
    attach = [word for thread in threads for word in ("-p", thread)]
    strace = run.spawn("strace", ns, [installed("strace"), "-o", str(log), *attach])
    wait_until(lambda: run.log("strace").read_text().count("attached") == len(threads), "strace to attach", 20)
    forward_many(program)
    assert strace.poll() is None
    run.stop("strace")
    callers = [line.split(maxsplit=1)[0] for line in log.read_text().splitlines()]
    assert threads[1] not in callers, log.read_text()
    assert threads[0] in callers, "control makes system calls when it answers"
    program.close()
