"""What ecmpd's UNIX socket answers, asked as `ecmpctl --json` asks, without a program each time."""

import http.client
import json
import socket
from pathlib import Path
from urllib.parse import urlencode

from .errors import LabError


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path | str):
        super().__init__("ecmpd", timeout=60)
        self._path = str(path)

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def ask(path: Path | str, what: str, **parameters: object) -> tuple[int, dict]:
    """Status and body: ask(socket, "show/routes", prefix="203.0.113.10/32")."""
    connection = _Connection(path)
    try:
        connection.request("GET", f"/v1/{what}?{urlencode(parameters)}")
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def get(path: Path | str, what: str, **parameters: object) -> dict:
    """The body; LabError for any other answer."""
    status, body = ask(path, what, **parameters)
    if status != 200:
        raise LabError(f"{what}: {body}")
    return body


def answers(path: Path | str) -> bool:
    try:
        return ask(path, "show/ports")[0] == 200
    except (OSError, http.client.HTTPException, ValueError):  # it is just going, or broke off in the middle
        return False
