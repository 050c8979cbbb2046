"""DPDK's l3fwd, the router that others are measured by: longest prefix match with rte_lpm.

It looks at a few header fields, takes one from an IPv4 TTL, and writes MAC addresses that are fixed; it verifies no
checksum, counts nothing and knows one nexthop a prefix. That a packet is IPv4 or IPv6, which NICs say, it finds out by
itself on our devices (--parse-ptype). It is an example that Debian has as source (package dpdk-doc), built here with
its Makefile's flags and for this CPU, and without asking for the checksum offload, which our devices do not have.
"""

import subprocess
from pathlib import Path

from lab.errors import LabError
from lab.programs import build_folder, installed
from lab.run import Run

from .contender import WORKER_CPU
from .dpdk_program import DpdkProgram
from .frames import NETWORK, NETWORK6

_SOURCE = Path("/usr/share/dpdk/examples/l3fwd")
_FILES = ("main", "l3fwd_acl", "l3fwd_em", "l3fwd_event", "l3fwd_event_generic", "l3fwd_event_internal_port", "l3fwd_fib",
          "l3fwd_lpm")  # fmt: skip
MEGABYTES = 300
MOST_FLOWS = 4096
_DESCRIPTORS = 4096  # it makes mbufs by their number: enough for net_pcap's copies of so many flows at two ports
_WITHOUT_OFFLOAD = """#include <rte_ethdev.h>
#undef RTE_ETH_RX_OFFLOAD_CHECKSUM
#define RTE_ETH_RX_OFFLOAD_CHECKSUM 0
"""


def _halves(network: str, half: str) -> str:
    """Each half of a network by a port of its own, as a file of rules: random destinations leave by either."""
    address, length = network.split("/")
    longer = int(length) + 1
    return f"R{address}/{longer} 0\nR{half}/{longer} 1\n"


def build() -> Path:
    """The program in the build folder, made when it is not there or older than its source."""
    if not _SOURCE.is_dir():
        raise LabError(f"{_SOURCE} is not there: scripts/setup bench installs Debian's dpdk-doc, which has it")
    program = build_folder() / "bench" / "l3fwd"
    if not program.exists() or program.stat().st_mtime < max(file.stat().st_ctime for file in _SOURCE.iterdir()):
        program.parent.mkdir(parents=True, exist_ok=True)
        header, unfinished = program.with_name("no_checksum_offload.h"), program.with_suffix(".new")
        header.write_text(_WITHOUT_OFFLOAD)
        packages = [installed("pkg-config"), "--cflags", "--libs", "libdpdk"]
        dpdk = subprocess.run(packages, capture_output=True, text=True)
        if dpdk.returncode != 0:
            raise LabError(f"libdpdk is not there: scripts/setup bench installs it\n{dpdk.stderr}")
        flags = ["-O3", "-DALLOW_EXPERIMENTAL_API", "-include", header, f"-I{_SOURCE.parent / 'common'}"]
        files = [_SOURCE / f"{name}.c" for name in _FILES]
        made = subprocess.run([installed("gcc"), *flags, *files, *dpdk.stdout.split(), "-march=native", "-o", unfinished],
                              capture_output=True, text=True)  # fmt: skip
        if made.returncode != 0:
            raise LabError(f"l3fwd does not build:\n{made.stderr[-2000:]}")
        unfinished.rename(program)
    return program


class L3fwd(DpdkProgram):
    key = "l3fwd"

    def __init__(self, run: Run, ns: str, devices: list[str], hugepages: bool):
        rules4, rules6 = run.folder / "l3fwd.v4", run.folder / "l3fwd.v6"
        rules4.write_text(_halves(NETWORK, "198.51.100.128"))
        rules6.write_text(_halves(NETWORK6, "2001:db8:100:0:8000::"))
        queues = ",".join(f"({port},0,{WORKER_CPU})" for port in range(len(devices)))
        arguments = ["-P", "-p", hex((1 << len(devices)) - 1), f"--config={queues}", "--lookup=lpm", "--parse-ptype",
                     f"--rule_ipv4={rules4}", f"--rule_ipv6={rules6}", f"--rx-queue-size={_DESCRIPTORS}",
                     f"--tx-queue-size={_DESCRIPTORS}"]  # fmt: skip
        # A queue of every device for each lcore, of which net_pcap has one: no lcore but the one that forwards.
        super().__init__(run, ns, "l3fwd", [str(build())], ["-l", str(WORKER_CPU)], devices, hugepages, MEGABYTES,
                         arguments)

    def _worker_folder(self) -> Path:
        return Path(f"/proc/{self.process.pid}/task/{self.process.pid}")
