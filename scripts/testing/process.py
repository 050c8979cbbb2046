"""Runs a command with a time limit and its output in a log, and leaves none of its descendants behind.

The runner is a subreaper: daemons that a test started and forgot become its children, so they can be found and ended.
A daemon that a test did end is reaped at once, for whoever waits for its pid to vanish. Only descendants of this very
process are ever signalled.
"""
import ctypes
import os
import pathlib
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

PR_SET_CHILD_SUBREAPER = 36
_running = set()  # pids that a Popen of ours will reap; everything else that ends is an orphan
_lock = threading.Lock()


def become_subreaper():
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    threading.Thread(target=_reap_orphans, daemon=True).start()


def _reap_orphans():
    while True:
        time.sleep(0.1)
        with _lock:
            try:
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                continue
            if ended and ended.si_pid not in _running:
                os.waitpid(ended.si_pid, 0)


def _children():
    """pid -> pids of its children, for every process that we can see."""
    tree = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                parent = int(pathlib.Path("/proc", entry, "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError, ValueError):
                continue
            tree.setdefault(parent, []).append(int(entry))
    return tree


def descendants(root):
    tree, found, todo = _children(), [], [root]
    while todo:
        for pid in tree.get(todo.pop(), []):
            found.append(pid)
            todo.append(pid)
    return found


PATIENCE = 20  # seconds between asking and killing: a test removes its namespaces in them


def end_tree(root):
    """Asks `root` to end, then kills it and all that was or is below it, until nothing new appears."""
    below = set(descendants(root))
    _signal(root, signal.SIGTERM)
    last = time.monotonic() + PATIENCE
    while _alive(root) and time.monotonic() < last:
        time.sleep(0.05)
        below.update(descendants(root))
    while pids := [pid for pid in {root, *below, *descendants(root)} if _alive(pid)]:
        for pid in pids:
            _signal(pid, signal.SIGKILL)
        time.sleep(0.02)


def _alive(pid):
    try:
        return pathlib.Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (OSError, IndexError):
        return False


def _signal(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def end_running():
    """Ends the commands that run now, each in its own way."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(end_tree, list(_running)))


def end_all():
    """Ends everything below this process. Returns the names of what still ran."""
    names = []
    while pids := [pid for pid in descendants(os.getpid()) if _alive(pid)]:
        for pid in pids:
            try:
                names.append(pathlib.Path("/proc", str(pid), "comm").read_text().strip())
            except OSError:
                continue
            _signal(pid, signal.SIGKILL)
        time.sleep(0.02)
    return names


class Result:
    def __init__(self, code, log, seconds, timed_out):
        self.code, self.log, self.seconds, self.timed_out = code, log, seconds, timed_out

    @property
    def ok(self):
        return self.code == 0 and not self.timed_out

    def why(self):
        if self.timed_out:
            return f"ended after {self.seconds:.0f} s: time limit"
        if self.code < 0:
            return f"killed by {signal.Signals(-self.code).name}"
        return f"exit status {self.code}"

    def tail(self, lines=40):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def _start(command, output, env=None, cwd=None):
    with _lock:
        process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=output,
                                   stderr=subprocess.STDOUT, env={**os.environ, **(env or {})}, cwd=cwd)
        _running.add(process.pid)
        return process


def capture(command):
    """What a short command prints; empty when it fails."""
    process = _start(command, subprocess.PIPE)
    text = process.communicate()[0].decode(errors="replace")
    with _lock:
        _running.discard(process.pid)
    return text if process.returncode == 0 else ""


def run(command, log, limit, env=None, cwd=None, heartbeat=None):
    """Runs `command` (a list), at most `limit` seconds; `heartbeat(line)` hears the last line of output each minute."""
    log = pathlib.Path(log)
    log.parent.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    with open(log, "wb") as output:
        process = _start(command, output, env, cwd)
        timed_out = False
        try:
            while True:
                left = limit - (time.monotonic() - begin)
                try:
                    process.wait(max(0.1, min(60, left)))
                    break
                except subprocess.TimeoutExpired:
                    if left <= 60 and time.monotonic() - begin >= limit:
                        timed_out = True
                        end_tree(process.pid)
                        process.wait()
                        break
                    if heartbeat:
                        lines = log.read_text(errors="replace").splitlines()
                        heartbeat(lines[-1][:100] if lines else "")
        except BaseException:  # Ctrl-C: take the children along
            end_tree(process.pid)
            process.wait()
            raise
        finally:
            with _lock:
                _running.discard(process.pid)
    return Result(process.returncode, log, time.monotonic() - begin, timed_out)
