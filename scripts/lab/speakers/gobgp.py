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
        gobgp = installed("gobgp")
        wait_until(
            lambda: self.check_alive() or self.try_control(gobgp, "global").returncode == 0, "gobgpd's API", 30
        )
        for service in self.place.services:
            self.announce(service)

    # Routes of different origin are not equal, and gobgp's default is "incomplete".
    def announce(self, service: str) -> None:
        self.control(installed("gobgp"), "global", "rib", "add", f"{service}/32", "origin", "igp")

    def withdraw(self, service: str) -> None:
        self.control(installed("gobgp"), "global", "rib", "del", f"{service}/32")
