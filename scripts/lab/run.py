"""One run of the laboratory: its prefix, its folder, its processes, and their certain end.

A run owns /run/ecmpd-lab/ID and the namespaces ecmpd-ID-*, and holds a lock on its folder for as long as it lives.
A folder or namespace whose lock is free belongs to a run that died (or was kept on purpose); `sweep` removes it.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
from pathlib import Path

from . import netns
from .errors import LabError

BASE = Path("/run/ecmpd-lab")
PREFIX = "ecmpd-"


def _lock(path: Path, wait: bool) -> int | None:
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        os.close(fd)
        return None
    return fd


@contextlib.contextmanager
def _everyone_waits():
    """Runs are made and swept one after another, so that a half-made run is never taken for a dead one."""
    BASE.mkdir(mode=0o755, exist_ok=True)
    fd = _lock(BASE / "lock", wait=True)
    try:
        yield
    finally:
        os.close(fd)


def _namespaces(run_id: str) -> list[str]:
    start = f"{PREFIX}{run_id}-"
    return sorted(p.name for p in netns.NETNS_DIR.glob(f"{start}*"))


def _known_ids() -> set[str]:
    ids = {p.name for p in BASE.iterdir() if p.is_dir()}
    for path in netns.NETNS_DIR.glob(f"{PREFIX}*-*"):
        run_id = path.name[len(PREFIX) :].split("-")[0]
        if run_id.replace(".", "").isdigit():
            ids.add(run_id)
    return ids


def sweep(kept_too: bool = False) -> list[str]:
    """Removes what dead runs left behind; returns their ids."""
    if os.geteuid() != 0:
        raise LabError("network namespaces need root")
    swept = []
    with _everyone_waits():
        for run_id in sorted(_known_ids()):
            folder = BASE / run_id
            folder.mkdir(mode=0o700, exist_ok=True)
            fd = _lock(folder / "lock", wait=False)
            if fd is None:
                continue  # alive
            try:
                if (folder / "kept").exists() and not kept_too:
                    continue
                for ns in _namespaces(run_id):
                    netns.remove(ns)
                shutil.rmtree(folder)
                swept.append(run_id)
            finally:
                os.close(fd)
    return swept


class Run:
    """Use it as a context; leaving the block (by any way) removes everything, unless `keep` was called."""

    _made = 0

    def __init__(self):
        sweep()
        Run._made += 1
        self.id = str(os.getpid()) if Run._made == 1 else f"{os.getpid()}.{Run._made}"
        self.folder = BASE / self.id
        self.processes: dict[str, subprocess.Popen] = {}
        self._kept = False
        with _everyone_waits():
            self.folder.mkdir(mode=0o755)
            self._lock = _lock(self.folder / "lock", wait=True)

    def __enter__(self) -> "Run":
        return self

    def __exit__(self, *_exc) -> None:
        self.close()

    def namespace(self, role: str) -> str:
        ns = f"{PREFIX}{self.id}-{role}"
        netns.create(ns)
        return ns

    def spawn(self, name: str, ns: str, argv: list[str], **options) -> subprocess.Popen:
        """Starts a program in a namespace. Its output goes to `log(name)` where the caller does not want it."""
        with open(self.log(name), "ab") as log:
            options.setdefault("stdin", subprocess.DEVNULL)
            options.setdefault("stdout", log)
            # A session of its own: Ctrl-C reaches us only, and we end the others in order.
            process = subprocess.Popen(netns.command(ns, *argv), stderr=log, start_new_session=True, **options)
        self.processes[name] = process
        return process

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def tail(self, name: str, lines: int = 12) -> str:
        text = self.log(name).read_text(errors="replace") if self.log(name).exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def stop(self, name: str, sig: int = signal.SIGTERM, seconds: float = 10) -> int:
        """Ends a process and returns its exit status; after `seconds` it is killed."""
        process = self.processes.pop(name)
        process.send_signal(sig)
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def keep(self) -> None:
        """Leaves everything running. `sweep(kept_too=True)` removes it later."""
        (self.folder / "kept").touch()
        self._kept = True

    def close(self) -> None:
        if self._lock is None:
            return
        if not self._kept:
            # No second signal may stop the tidying half-way.
            previous = {s: signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
            with contextlib.suppress(ValueError):  # not the main thread: signals do not come here anyway
                for s in previous:
                    signal.signal(s, signal.SIG_IGN)
            try:
                self._remove_everything()
            finally:
                with contextlib.suppress(ValueError):
                    for s, handler in previous.items():
                        signal.signal(s, handler)
        os.close(self._lock)
        self._lock = None

    def _remove_everything(self) -> None:
        for name in reversed(list(self.processes)):
            self.stop(name)
        for ns in _namespaces(self.id):
            netns.remove(ns)
        shutil.rmtree(self.folder, ignore_errors=True)
