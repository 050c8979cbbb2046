"""Today's router, for comparison: Linux forwards, BIRD speaks BGP and installs the multipath routes."""

import json

from . import netns
from .programs import installed
from .router import SERVICE_NETWORK, Router
from .speakers.base import NODE_ASN, ROUTER_ASN
from .wait import wait_until

# Source, destination, protocol, both ports. Policy 1 would do, but on a veth it takes over the hash of the sending
# socket, which the seed cannot change.
_FIVE_FIELDS = 0x01 | 0x02 | 0x04 | 0x10 | 0x20


class LinuxRouter(Router):
    kind = "Linux"

    def config(self) -> str:
        ranges = "".join(
            f"""protocol bgp {port.name} {{
  local {port.address.split('/')[0]} as {ROUTER_ASN};
  neighbor range {port.address.rsplit('.', 1)[0]}.0/24 as {NODE_ASN};
  dynamic name "{port.name}_";
  passive;
  ipv4 {{ import where net ~ [ {SERVICE_NETWORK}+ ]; export none; }};
}}
"""
            for port in self.topology.ports
            if port.name != "client"
        )
        return f"""router id 10.0.0.1;
protocol device {{ }}
protocol kernel {{
  merge paths yes limit 64;
  ipv4 {{ import none; export where source = RTS_BGP; }};
}}
{ranges}"""

    def start(self) -> None:
        ns = self.topology.router
        for port in self.topology.ports:
            netns.ip("addr", "add", port.address, "dev", port.device, ns=ns)
        netns.sysctl(ns, "net.ipv4.ip_forward", 1)
        netns.sysctl(ns, "net.ipv4.fib_multipath_hash_policy", 3)
        netns.sysctl(ns, "net.ipv4.fib_multipath_hash_fields", _FIVE_FIELDS)
        config = self.run.folder / "router.conf"
        config.write_text(self.config())
        socket = self.run.folder / "router.ctl"
        pid = self.run.folder / "router.pid"
        self.run.spawn("router", ns, [installed("bird"), "-f", "-c", str(config), "-s", str(socket), "-P", str(pid)])
        wait_until(socket.exists, "the router's BIRD", 20)

    def nexthops(self, service: str) -> set[str]:
        found = set()
        for route in json.loads(netns.ip("-j", "route", "show", f"{service}/32", ns=self.topology.router) or "[]"):
            for hop in route.get("nexthops", [route]):
                if "gateway" in hop:
                    found.add(hop["gateway"])
        return found

    def look_around(self) -> list[str]:
        ns = self.topology.router
        return [f"ip -n {ns} route", f"birdc -s {self.run.folder}/router.ctl show protocols"]
