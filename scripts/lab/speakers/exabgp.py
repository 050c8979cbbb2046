"""ExaBGP: speaks what a process tells it; here that process copies a named pipe that we write to."""

import os

from ..programs import installed
from ..wait import wait_until
from .base import NODE_ASN, ROUTER_ASN, Speaker


class ExaBgp(Speaker):
    kind = "ExaBGP"
    package = "exabgp"

    def config(self, pipe: str) -> str:
        place = self.place
        routes = "".join(f"    route {s}/32 next-hop self;\n" for s in place.services)
        return f"""process control {{
  run /bin/sh -c "exec cat <> {pipe}";
  encoder text;
}}
neighbor {place.router} {{
  router-id {place.address};
  local-address {place.address};
  local-as {NODE_ASN};
  peer-as {ROUTER_ASN};
  hold-time 90;
  api {{ processes [ control ]; }}
  static {{
{routes}  }}
}}
"""

    def start(self) -> None:
        self.pipe = self.path("exabgp.pipe")
        os.mkfifo(self.pipe)
        config = self.write("exabgp.conf", self.config(str(self.pipe)))
        environment = {
            **os.environ,
            "exabgp_api_cli": "false",
            "exabgp_api_ack": "false",
            "exabgp_daemon_user": "root",
            "exabgp_daemon_drop": "false",
            "exabgp_tcp_bind": "",
        }
        self.spawn([installed("exabgp"), config], env=environment)
        self._writer = wait_until(self._open_pipe, "ExaBGP's control process", 20)

    def _open_pipe(self) -> int | None:
        self.check_alive()
        try:
            return os.open(self.pipe, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return None  # nobody reads yet

    def _say(self, line: str) -> None:
        os.write(self._writer, f"{line}\n".encode())

    def announce(self, service: str) -> None:
        self._say(f"announce route {service}/32 next-hop self")

    def withdraw(self, service: str) -> None:
        self._say(f"withdraw route {service}/32 next-hop self")
