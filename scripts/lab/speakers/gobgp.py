"""GoBGP: routes are put into gobgpd's table with its command-line client."""

from ..programs import installed
from ..wait import wait_until
from .base import NODE_ASN, ROUTER_ASN, Speaker


class GoBgp(Speaker):
    kind = "GoBGP"
    package = "gobgpd"

    def config(self) -> str:
        place = self.place
        return f"""[global.config]
  as = {NODE_ASN}
  router-id = "{place.address}"
  port = -1

[[neighbors]]
  [neighbors.config]
    neighbor-address = "{place.router}"
    peer-as = {ROUTER_ASN}
  [neighbors.timers.config]
    connect-retry = 1
    idle-hold-time-after-reset = 1
    hold-time = 90
"""

    def start(self) -> None:
        config = self.write("gobgp.toml", self.config())
        self.spawn([installed("gobgpd"), "-f", config, "--log-plain", "--pprof-disable"])
        wait_until(lambda: self.check_alive() or self._has_started(), "gobgpd to take its configuration", 30)
        for service in self.place.services:
            self.announce(service)

    def _has_started(self) -> bool:
        """Its API answers earlier than it has read its file: it shows no AS then, and refuses routes."""
        told = self.try_control(installed("gobgp"), "global")
        return told.returncode == 0 and str(NODE_ASN) in told.stdout

    # Routes of different origin are not equal, and gobgp's default is "incomplete".
    def announce(self, service: str) -> None:
        self.control(installed("gobgp"), "global", "rib", "add", f"{service}/32", "origin", "igp")

    def withdraw(self, service: str) -> None:
        self.control(installed("gobgp"), "global", "rib", "del", f"{service}/32")
