"""dpdk-testpmd: every packet of a port is sent by the other.

In io mode unread, which is what the devices alone cost; in macswap mode with its MAC addresses swapped; in csum mode
with the checksums of its headers computed anew.
"""

import subprocess

from lab.programs import installed
from lab.run import Run

from .contender import WORKER_CPU
from .dpdk_program import DpdkProgram

_MBUFS = 33024  # as many as ecmpd has with two ports
MODES = ("io", "macswap", "csum")
MEGABYTES = 203


class Testpmd(DpdkProgram):
    def __init__(self, run: Run, ns: str, devices: list[str], hugepages: bool, burst: int, mode: str = "io",
                 cpu: int = WORKER_CPU):
        """Its forwarding thread on `cpu`, 0 or 1, all others on the other one."""
        name = f"testpmd {mode}" if cpu == WORKER_CPU else f"testpmd {mode} on {cpu}"
        arguments = [f"--forward-mode={mode}", f"--burst={burst}", f"--total-num-mbufs={_MBUFS}", "--no-mlockall"]
        super().__init__(run, ns, name, [installed("dpdk-testpmd")], ["-l", "0,1", f"--main-lcore={1 - cpu}"], devices,
                         hugepages, MEGABYTES, arguments, stdin=subprocess.PIPE)  # it ends when its standard input does
