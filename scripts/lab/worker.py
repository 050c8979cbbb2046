"""A helper process of ours in a namespace: the parent's end.

It is a module of this package that reads commands (one word a line) on its standard input and writes events (one JSON
object a line) on its standard output. When its input ends it ends too, so nothing outlives a parent that was killed;
`detach` takes that rule away, for a lab that is kept.
"""

import json
import os
import subprocess
import threading
import time

from .errors import LabError
from .programs import ROOT
from .run import Run

PYTHON = "/usr/bin/python3"


class Worker:
    def __init__(self, run: Run, name: str, ns: str, module: str, arguments: list[str]):
        self.run = run
        self.name = name
        self.last: dict[str, dict] = {}  # the newest event of each kind
        self._changed = threading.Condition()
        self._ended = False
        self._process = run.spawn(
            name,
            ns,
            [PYTHON, "-m", f"lab.{module}", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT / "scripts"), "PYTHONDONTWRITEBYTECODE": "1"},
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self._process.stdout:
            event = json.loads(line)
            with self._changed:
                self.last[event["event"]] = event
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def say(self, command: str) -> None:
        try:
            self._process.stdin.write(f"{command}\n".encode())
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._death() from None

    def wait(self, kind: str, seconds: float = 30) -> dict:
        """The newest event of a kind, awaited if there is none yet."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while kind not in self.last:
                if self._ended:
                    raise self._death()
                if not self._changed.wait(deadline - time.monotonic()):
                    raise LabError(f"{self.name}: no `{kind}` within {seconds:g} s")
            return self.last[kind]

    def ask(self, command: str, kind: str, seconds: float = 30) -> dict:
        """Says a command and awaits the next event of a kind."""
        with self._changed:
            self.last.pop(kind, None)
        self.say(command)
        return self.wait(kind, seconds)

    def check_alive(self) -> None:
        if self._ended:
            raise self._death()

    def _death(self) -> LabError:
        return LabError(f"{self.name} ended early:\n{self.run.tail(self.name)}")
