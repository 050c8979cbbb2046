"""Waiting for a condition, never for a time.

The state of other processes is read by asking them, so a short poll is the event source; a deadline turns a
condition that never comes true into an error that says what was awaited.
"""

import time
from collections.abc import Callable
from typing import TypeVar

from .errors import LabError

T = TypeVar("T")


def wait_until(condition: Callable[[], T], what: str, seconds: float, poll: float = 0.05) -> T:
    """The first true value of `condition`; LabError after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise LabError(f"waited {seconds:g} s for {what}, in vain")
        time.sleep(poll)
