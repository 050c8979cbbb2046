"""Network namespaces: made, entered, emptied of processes and removed.

Programs enter with nsenter: `ip -n` and `ip netns exec` also mount a /sys of the namespace, which a chroot whose / is
no mount point (a plain debootstrap root) refuses, and which nothing here reads.

`inside` moves only the calling thread, and a socket stays in the namespace where it was made. So a test can open a
socket in a namespace and go on using it from outside.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from pathlib import Path

from .errors import LabError

NETNS_DIR = Path("/run/netns")
_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def command(ns: str, *argv: str) -> list[str]:
    """The command line that runs `argv` in a namespace; no process stays between its caller and `argv`."""
    return ["nsenter", f"--net={NETNS_DIR / ns}", *argv]


def run(ns: str, *argv: str) -> str:
    """Runs a short program in a namespace and returns what it printed."""
    return _output(command(ns, *argv))


def ip(*args: str, ns: str | None = None) -> str:
    """Runs iproute2's `ip` (in a namespace) and returns what it printed."""
    return run(ns, "ip", *args) if ns else _output(["ip", *args])


def _output(argv: list[str]) -> str:
    done = subprocess.run(argv, capture_output=True, text=True)
    if done.returncode:
        raise LabError(f"{' '.join(argv)}: {done.stderr.strip()}")
    return done.stdout


def create(ns: str) -> None:
    ip("netns", "add", ns)
    ip("link", "set", "lo", "up", ns=ns)


def pids(ns: str) -> list[int]:
    done = subprocess.run(["ip", "netns", "pids", ns], capture_output=True, text=True)
    return [int(pid) for pid in done.stdout.split()]


def remove(ns: str) -> None:
    """Ends every process in a namespace of ours, then the namespace; no error if it is gone already."""
    for sig, seconds in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
        left = pids(ns)
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, sig)
        deadline = time.monotonic() + seconds
        while left and time.monotonic() < deadline:
            left = pids(ns)
            time.sleep(0.02 if left else 0)
    subprocess.run(["ip", "netns", "del", ns], capture_output=True)


def _setns(fd: int) -> None:
    if _libc.setns(fd, _CLONE_NEWNET):
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), "setns")


@contextlib.contextmanager
def inside(ns: str):
    """The calling thread stands in the namespace for the length of the block."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        target = os.open(NETNS_DIR / ns, os.O_RDONLY)
        try:
            _setns(target)
        finally:
            os.close(target)
        try:
            yield
        finally:
            _setns(home)
    finally:
        os.close(home)


def sysctl(ns: str, name: str, value: object) -> None:
    """/proc/sys/net shows the namespace of the thread that looks."""
    with inside(ns):
        Path("/proc/sys", *name.split(".")).write_text(f"{value}\n")


def snmp(ns: str, group: str, name: str) -> int:
    """A counter of the namespace's kernel, of /proc/net/snmp: snmp(ns, "Ip", "ForwDatagrams")."""
    with inside(ns):
        lines = Path("/proc/thread-self/net/snmp").read_text().splitlines()
    names, values = (line.split() for line in lines if line.startswith(f"{group}:"))
    return int(values[names.index(name)])
