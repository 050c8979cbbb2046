"""What a person sees while it works: a status line that is rewritten on a terminal, plain lines elsewhere."""

import os
import shutil
import sys
import time

_CODES = {"bold": "1", "dim": "2", "green": "32", "red": "31", "yellow": "33"}


def colour(stream, text: str, name: str) -> str:
    """Coloured on a terminal, unless NO_COLOR says otherwise (no-color.org)."""
    if not stream.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return f"\x1b[{_CODES[name]}m{text}\x1b[0m"


class Progress:
    """Steps on standard error; between two of them, `status` shows what is going on, on a terminal only."""

    def __init__(self):
        self.stream = sys.stderr
        self.live = self.stream.isatty() and os.environ.get("TERM") != "dumb"
        self.started = time.monotonic()
        self._shown = ""

    def step(self, text: str) -> None:
        self.clear()
        stamp = colour(self.stream, f"{time.monotonic() - self.started:5.1f} s", "dim")
        print(f"{stamp}  {text}", file=self.stream, flush=True)

    def status(self, text: str) -> None:
        if self.live and text != self._shown:
            width = shutil.get_terminal_size().columns - 1
            self.stream.write("\r\x1b[K" + text[:width])
            self.stream.flush()
            self._shown = text

    def clear(self) -> None:
        if self._shown:
            self.stream.write("\r\x1b[K")
            self.stream.flush()
            self._shown = ""
