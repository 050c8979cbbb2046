"""dpdk-testpmd: every packet of a port is sent by the other.

In io mode unread, which is what the devices alone cost; in macswap mode with its MAC addresses swapped; in csum mode
with the checksums of its headers computed anew.
"""

import contextlib
import json
import socket
import subprocess
from pathlib import Path

from lab.errors import LabError
from lab.programs import installed
from lab.run import Run
from lab.wait import wait_until

from .contender import WORKER_CPU, Contender

_RUNTIME = Path("/run/dpdk")  # DPDK's own, for root
_MBUFS = 33024  # as many as ecmpd has with two ports
MODES = ("io", "macswap", "csum")
MEGABYTES = 203


class Testpmd(Contender):
    def __init__(self, run: Run, ns: str, devices: list[str], hugepages: bool, burst: int, mode: str = "io",
                 cpu: int = WORKER_CPU):
        """Its forwarding thread on `cpu`, 0 or 1, all others on the other one."""
        self.name = f"testpmd {mode}"
        self.key = f"testpmd_{mode}"
        log = f"testpmd-{mode}-{cpu}"
        self._run, self._log = run, log
        self._prefix = f"vs-{run.id}-{mode}-{cpu}"
        memory = ["--in-memory"] if hugepages else ["--no-huge", "--no-shconf", "-m", str(MEGABYTES)]
        command = [installed("dpdk-testpmd"), "-l", "0,1", f"--main-lcore={1 - cpu}", "--no-pci"]
        command += ["--file-prefix", self._prefix, *memory, *(f"--vdev={device}" for device in devices)]
        command += ["--", f"--forward-mode={mode}", f"--burst={burst}", f"--total-num-mbufs={_MBUFS}", "--no-mlockall"]
        # It ends when its standard input does.
        super().__init__(run.spawn(log, ns, command, stdin=subprocess.PIPE))
        self._ports = len(devices)
        self._telemetry = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._telemetry.settimeout(10)

        def answers() -> bool:
            if self.process.poll() is not None:
                raise LabError(f"{self.name} ended with status {self.process.returncode}:\n{run.tail(log)}")
            with contextlib.suppress(OSError):
                self._connect()
                return True
            return False

        wait_until(answers, "testpmd's telemetry", 30)
        wait_until(lambda: self.transmitted() > 0, "testpmd to forward", 30)

    def _connect(self) -> None:
        # With --in-memory the name of the socket ends in the process id.
        for path in sorted((_RUNTIME / self._prefix).glob("dpdk_telemetry.v2*")):
            self._telemetry.connect(str(path))
            self._telemetry.recv(16384)  # its greeting
            return
        raise FileNotFoundError(_RUNTIME / self._prefix)

    def transmitted(self) -> int:
        total = 0
        for port in range(self._ports):
            self._telemetry.send(f"/ethdev/stats,{port}".encode())
            stats = json.loads(self._telemetry.recv(16384))["/ethdev/stats"]
            total += stats["opackets"] if stats else 0  # none while the port is being made
        return total

    def close(self) -> None:
        self._telemetry.close()
        self.resume()

    def stop(self) -> None:
        """Ends it, so that its devices are free."""
        self.close()
        self._run.stop(self._log)
