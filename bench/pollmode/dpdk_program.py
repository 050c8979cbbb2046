"""A program of DPDK's own as a contender: started on our devices, its packets counted over the telemetry socket."""

import contextlib
import json
import socket
from pathlib import Path

from lab.errors import LabError
from lab.run import Run
from lab.wait import wait_until

from .contender import Contender

_RUNTIME = Path("/run/dpdk")  # DPDK's own, for root


class DpdkProgram(Contender):
    def __init__(self, run: Run, ns: str, name: str, command: list[str], eal: list[str], devices: list[str],
                 hugepages: bool, megabytes: int, arguments: list[str], **options: object):
        """`name` for people, unique in the run; `eal` says the lcores, `arguments` are the program's own. `options` as
        of Run.spawn."""
        self.name = name
        self.key = name.replace(" ", "_")
        self._run, self._log = run, name.replace(" ", "-")
        self._prefix = f"vs-{run.id}-{self._log}"
        memory = ["--in-memory"] if hugepages else ["--no-huge", "--no-shconf", "-m", str(megabytes)]
        vdevs = [f"--vdev={device}" for device in devices]
        whole = [*command, *eal, "--no-pci", "--file-prefix", self._prefix, *memory, *vdevs, "--", *arguments]
        super().__init__(run.spawn(self._log, ns, whole, **options))
        self._ports = len(devices)
        self._telemetry = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._telemetry.settimeout(10)

        def answers() -> bool:
            if self.process.poll() is not None:
                raise LabError(f"{self.name} ended with status {self.process.returncode}:\n{run.tail(self._log)}")
            with contextlib.suppress(OSError):
                self._connect()
                return True
            return False

        wait_until(answers, f"the telemetry of {name}", 30)
        wait_until(lambda: self.transmitted() > 0, f"{name} to forward", 30)

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
