"""FRR's bgpd without zebra: it announces networks that it need not find in a routing table."""

from ..programs import installed
from ..wait import wait_until
from .base import NODE_ASN, ROUTER_ASN, Speaker


class Frr(Speaker):
    kind = "FRR"
    package = "frr"

    def config(self) -> str:
        place = self.place
        networks = "".join(f"  network {s}/32\n" for s in place.services)
        return f"""hostname {place.name}
log stdout
router bgp {NODE_ASN}
 bgp router-id {place.address}
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor {place.router} remote-as {ROUTER_ASN}
 neighbor {place.router} timers 30 90
 neighbor {place.router} timers connect 1
 address-family ipv4 unicast
{networks} exit-address-family
"""

    def start(self) -> None:
        config = self.write("frr.conf", self.config())
        self.vty = self.path("frr")
        self.vty.mkdir()
        # -Z: no zebra; -S: stays root and leaves the folder as it is; -P 0: no telnet; -p 0: never listens
        self.spawn(
            [installed("/usr/lib/frr/bgpd"), "-Z", "-S", "-P", "0", "-p", "0", "-f", config,
             "--vty_socket", str(self.vty), "-i", str(self.path("frr.pid")), "--log", "stdout"]
        )  # fmt: skip
        wait_until(lambda: self.check_alive() or (self.vty / "bgpd.vty").exists(), "bgpd's control socket", 20)

    def _configure(self, line: str) -> None:
        words = ["configure terminal", f"router bgp {NODE_ASN}", "address-family ipv4 unicast", line]
        commands = [argument for word in words for argument in ("-c", word)]
        self.control(installed("vtysh"), "--vty_socket", str(self.vty), "-d", "bgpd", *commands)

    def announce(self, service: str) -> None:
        self._configure(f"network {service}/32")

    def withdraw(self, service: str) -> None:
        self._configure(f"no network {service}/32")
