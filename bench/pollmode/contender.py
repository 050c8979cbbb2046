"""A program whose one forwarding thread polls: started once, then run and stopped in turns (SIGSTOP, SIGCONT).

Its packets are counted over the CPU time of that thread, not over the clock on the wall: another process on the same
CPU then costs it nothing but warm caches.
"""

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError

WORKER_CPU = 1
_WORKER_THREAD = f"rte-worker-{WORKER_CPU}"


@dataclass(frozen=True)
class Sample:
    packets: int  # transmitted, all ports
    cpu_ns: int  # of the forwarding thread
    waited_ns: int  # it was ready to run, and another thread had the CPU


@dataclass(frozen=True)
class Window:
    packets: int
    cpu_ns: int
    waited_ns: int

    @property
    def packets_per_second(self) -> float:
        return self.packets * 1e9 / self.cpu_ns

    def cycles_per_packet(self, tsc_hz: float) -> float:
        return tsc_hz / self.packets_per_second


class Contender:
    """`transmitted` is what a subclass adds: the packets that the program has sent so far."""

    name = ""
    key = ""  # in JSON

    def __init__(self, process: subprocess.Popen):
        self.process = process
        self._worker: Path | None = None

    def transmitted(self) -> int:
        raise NotImplementedError

    def pause(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def window(self, settle: float, seconds: float) -> Window:
        """Runs for `settle` seconds, then for `seconds` that count; stopped before and afterwards."""
        self.resume()
        try:
            time.sleep(settle)
            first = self._sample()
            time.sleep(seconds)
            last = self._sample()
        finally:
            self.pause()
        window = Window(last.packets - first.packets, last.cpu_ns - first.cpu_ns, last.waited_ns - first.waited_ns)
        if window.packets <= 0 or window.cpu_ns <= 0:
            raise LabError(f"{self.name} sent nothing in {seconds:g} s")
        return window

    def _sample(self) -> Sample:
        packets = self.transmitted()
        cpu, waited, _ = (self._worker_folder() / "schedstat").read_text().split()
        return Sample(packets, int(cpu), int(waited))

    @property
    def worker_thread(self) -> int:
        return int(self._worker_folder().name)

    def _worker_folder(self) -> Path:
        if self._worker is None:
            for task in Path(f"/proc/{self.process.pid}/task").iterdir():
                with contextlib.suppress(OSError):
                    if (task / "comm").read_text().strip() == _WORKER_THREAD:
                        self._worker = task
        if self._worker is None:
            raise LabError(f"{self.name} has no thread {_WORKER_THREAD}")
        return self._worker


def need_two_cpus() -> None:
    if not {0, WORKER_CPU} <= os.sched_getaffinity(0):
        raise LabError(f"CPU 0 (control) and CPU {WORKER_CPU} (forwarding) are both needed")
