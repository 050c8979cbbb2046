"""A helper process of ours in a namespace: the helper's own end of what worker.py describes."""

import json
import os
import select
import sys


class ControlLine:
    """Commands in, events out. `commands` never blocks; poll the file descriptor `fd` for input."""

    def __init__(self):
        self.fd = sys.stdin.fileno()
        os.set_blocking(self.fd, False)
        self.open = True  # False: the parent is gone and we were told not to mind
        self._rest = b""

    def send(self, event: str, **fields) -> None:
        if not self.open:
            return
        try:
            sys.stdout.write(json.dumps({"event": event, **fields}) + "\n")
            sys.stdout.flush()
        except BrokenPipeError:
            self._close()

    def _close(self) -> None:
        self.open = False
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, sys.stdout.fileno())
        os.dup2(nowhere, self.fd)  # and it leaves the poller by itself
        os.close(nowhere)

    def commands(self) -> list[str]:
        """Complete lines that have come in; ["quit"] when the parent is gone."""
        if not self.open:
            return []
        try:
            data = os.read(self.fd, 65536)
        except BlockingIOError:
            return []
        if not data:
            return ["quit"]
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        words = [line.decode() for line in lines if line]
        if "detach" in words:
            self._close()
        return [word for word in words if word != "detach"]

    def register(self, poller: select.epoll) -> None:
        poller.register(self.fd, select.EPOLLIN)
