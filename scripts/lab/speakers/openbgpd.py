"""OpenBGPD: networks are added and deleted in the running daemon with bgpctl."""

from pathlib import Path

from ..programs import installed
from ..wait import wait_until
from .base import NODE_ASN, ROUTER_ASN, Speaker

# Its unprivileged processes change their root to this empty folder, which systemd makes where it runs the daemon.
_CHROOT = Path("/run/openbgpd")


class OpenBgpd(Speaker):
    kind = "OpenBGPD"
    package = "openbgpd"

    def config(self) -> str:
        place = self.place
        return f"""AS {NODE_ASN}
router-id {place.address}
fib-update no
holdtime 90
socket "{self.socket}"
neighbor {place.router} {{
  remote-as {ROUTER_ASN}
  local-address {place.address}
  announce IPv4 unicast
}}
allow to any
deny from any
"""

    def start(self) -> None:
        self.socket = str(self.path("openbgpd.sock"))
        config = self.write("openbgpd.conf", self.config())
        self.path("openbgpd.conf").chmod(0o600)  # it insists
        _CHROOT.mkdir(exist_ok=True)
        self.spawn([installed("/usr/sbin/bgpd"), "-d", "-f", config])
        wait_until(
            lambda: self.check_alive() or self.try_control(*self._bgpctl("show")).returncode == 0,
            "OpenBGPD's control socket",
            20,
        )
        for service in self.place.services:
            self.announce(service)

    def _bgpctl(self, *words: str) -> list[str]:
        return [installed("bgpctl"), "-s", self.socket, *words]

    def announce(self, service: str) -> None:
        self.control(*self._bgpctl("network", "add", f"{service}/32"))

    def withdraw(self, service: str) -> None:
        self.control(*self._bgpctl("network", "delete", f"{service}/32"))
