"""BIRD 2: one static protocol for each service, so that each can be switched off and on by itself."""

from ..programs import installed
from ..wait import wait_until
from .base import NODE_ASN, ROUTER_ASN, Speaker


def _protocol(service: str) -> str:
    return "service_" + service.replace(".", "_")


class Bird(Speaker):
    kind = "BIRD"
    package = "bird2"

    def config(self) -> str:
        place = self.place
        services = "".join(
            f"protocol static {_protocol(s)} {{ ipv4; route {s}/32 blackhole; }}\n" for s in place.services
        )
        return f"""router id {place.address};
protocol device {{ }}
{services}protocol bgp upstream {{
  local {place.address} as {NODE_ASN};
  neighbor {place.router} as {ROUTER_ASN};
  hold time 90;
  connect delay time 1;
  connect retry time 1;
  error wait time 1, 2;
  ipv4 {{ import none; export where source = RTS_STATIC; next hop self; }};
}}
"""

    def start(self) -> None:
        config = self.write("bird.conf", self.config())
        self.socket = str(self.path("bird.ctl"))
        self.spawn([installed("bird"), "-f", "-c", config, "-s", self.socket, "-P", str(self.path("bird.pid"))])
        wait_until(lambda: self.check_alive() or self.path("bird.ctl").exists(), "BIRD's control socket", 20)

    def _birdc(self, *words: str) -> str:
        return self.control(installed("birdc"), "-s", self.socket, *words)

    def established_since(self) -> str:
        """When the session came up, in BIRD's words; empty while there is none."""
        for line in self._birdc("show", "protocols").splitlines():
            words = line.split()  # name, protocol, table, state, since, info
            if words[:1] == ["upstream"] and words[-1] == "Established":
                return words[4]
        return ""

    def announce(self, service: str) -> None:
        self._birdc("enable", _protocol(service))

    def withdraw(self, service: str) -> None:
        self._birdc("disable", _protocol(service))
