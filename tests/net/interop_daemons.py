"""The five daemons with every feature of the interop matrix switched on that they have: both families over an IPv4
session, TCP MD5, graceful restart and ADD-PATH, connecting or waiting to be connected to.

BIRD and FRR read what they announce from their configuration, GoBGP takes it from its client.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from lab import netns
from lab.programs import installed
from lab.run import Run
from lab.speakers.base import NODE_ASN, ROUTER_ASN
from lab.wait import wait_until

NODE, ROUTER = "10.77.0.11", "10.77.0.1"
NODE6, ROUTER6 = "fd00:77::11", "fd00:77::1"
SERVICE, SERVICE6 = "203.0.113.10/32", "2001:db8:113::10/128"
PASSWORD = "secret words"
RESTART_SECONDS = 77


@dataclass
class Place:
    run: Run
    ns: str
    active: bool  # the daemon connects
    md5: bool

    def path(self, name: str) -> Path:
        return self.run.folder / name

    def write(self, name: str, text: str) -> str:
        self.path(name).write_text(text)
        self.path(name).chmod(0o600)  # OpenBGPD insists
        return str(self.path(name))

    def spawn(self, argv: list[str], **options):
        return self.run.spawn("node", self.ns, argv, **options)

    def control(self, *argv: str) -> str:
        return netns.run(self.ns, *argv)


def bird(place: Place) -> None:
    password = f'password "{PASSWORD}";' if place.md5 else ""
    config = place.write("bird.conf", f"""router id {NODE};
protocol device {{ }}
protocol static {{ ipv4; route {SERVICE} blackhole; }}
protocol static {{ ipv6; route {SERVICE6} blackhole; }}
protocol bgp upstream {{
  local {NODE} as {NODE_ASN};
  neighbor {ROUTER} as {ROUTER_ASN};
  {password}
  {"" if place.active else "passive yes;"}
  connect delay time 1; connect retry time 1; error wait time 1, 2;
  graceful restart yes;
  graceful restart time {RESTART_SECONDS};
  ipv4 {{ import none; export where source = RTS_STATIC; next hop self; add paths tx; }};
  ipv6 {{ import none; export where source = RTS_STATIC; next hop address {NODE6}; add paths tx; }};
}}
""")
    place.spawn([installed("bird"), "-f", "-c", config, "-s", str(place.path("bird.ctl")), "-P", str(place.path("bird.pid"))])


def frr(place: Place) -> None:
    more = [f"neighbor {ROUTER} password {PASSWORD.split()[0]}"] if place.md5 else []
    more += [] if place.active else [f"neighbor {ROUTER} passive"]
    config = place.write("frr.conf", f"""hostname node
log stdout
router bgp {NODE_ASN}
 bgp router-id {NODE}
 no bgp ebgp-requires-policy
 no bgp network import-check
 bgp graceful-restart
 bgp graceful-restart restart-time {RESTART_SECONDS}
 neighbor {ROUTER} remote-as {ROUTER_ASN}
 neighbor {ROUTER} timers connect 1
 {chr(10).join(more)}
 address-family ipv4 unicast
  network {SERVICE}
  neighbor {ROUTER} addpath-tx-all-paths
 exit-address-family
 address-family ipv6 unicast
  network {SERVICE6}
  neighbor {ROUTER} activate
  neighbor {ROUTER} addpath-tx-all-paths
 exit-address-family
""")
    vty = place.path("frr")
    vty.mkdir()
    place.spawn([installed("/usr/lib/frr/bgpd"), "-Z", "-S", "-P", "0", "-p", "0" if place.active else "179", "-f", config,
                 "--vty_socket", str(vty), "-i", str(place.path("frr.pid")), "--log", "stdout"])  # fmt: skip


def gobgp(place: Place) -> None:
    password = f'    auth-password = "{PASSWORD}"' if place.md5 else ""
    families = "".join(f"""
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "{name}"
    [neighbors.afi-safis.mp-graceful-restart.config]
      enabled = true
    [neighbors.afi-safis.add-paths.config]
      send-max = 4
""" for name in ("ipv4-unicast", "ipv6-unicast"))
    config = place.write("gobgp.toml", f"""[global.config]
  as = {NODE_ASN}
  router-id = "{NODE}"
  port = {-1 if place.active else 179}

[[neighbors]]
  [neighbors.config]
    neighbor-address = "{ROUTER}"
    peer-as = {ROUTER_ASN}
{password}
  [neighbors.transport.config]
    passive-mode = {"false" if place.active else "true"}
  [neighbors.timers.config]
    connect-retry = 1
    idle-hold-time-after-reset = 1
  [neighbors.graceful-restart.config]
    enabled = true
    restart-time = {RESTART_SECONDS}
{families}""")
    place.spawn([installed("gobgpd"), "-f", config, "--log-plain", "--pprof-disable"])

    def announced() -> bool:
        try:
            place.control(installed("gobgp"), "global", "rib", "add", SERVICE, "origin", "igp")
            place.control(installed("gobgp"), "global", "rib", "-a", "ipv6", "add", SERVICE6, "origin", "igp", "nexthop", NODE6)
        except Exception:  # noqa: BLE001 - the daemon does not answer yet
            return False
        return True

    wait_until(announced, "gobgpd's API", 30)


def exabgp(place: Place) -> None:
    password = f'  md5-password "{PASSWORD}";' if place.md5 else ""
    config = place.write("exabgp.conf", f"""neighbor {ROUTER} {{
  router-id {NODE};
  local-address {NODE};
  local-as {NODE_ASN};
  peer-as {ROUTER_ASN};
  hold-time 90;
{password}
  passive {"false" if place.active else "true"};
  capability {{ graceful-restart {RESTART_SECONDS}; add-path send; }}
  family {{ ipv4 unicast; ipv6 unicast; }}
  add-path {{ ipv4 unicast; ipv6 unicast; }}
  static {{
    route {SERVICE} path-information 0.0.0.7 next-hop {NODE};
    route {SERVICE6} path-information 0.0.0.7 next-hop {NODE6};
  }}
}}
""")
    environment = {
        **os.environ,
        "exabgp_api_cli": "false",
        "exabgp_daemon_user": "root",
        "exabgp_daemon_drop": "false",
        "exabgp_tcp_bind": "" if place.active else NODE,
        "exabgp_tcp_port": "179",
    }
    place.spawn([installed("exabgp"), config], env=environment)


def openbgpd(place: Place) -> None:
    password = f'  tcp md5sig password "{PASSWORD}"' if place.md5 else ""
    config = place.write("openbgpd.conf", f"""AS {NODE_ASN}
router-id {NODE}
fib-update no
socket "{place.path("openbgpd.sock")}"
network {SERVICE}
network {SERVICE6}
neighbor {ROUTER} {{
  remote-as {ROUTER_ASN}
  local-address {NODE}
  {"" if place.active else "passive"}
{password}
  announce IPv4 unicast
  announce IPv6 unicast
  announce restart yes
  announce add-path send all
}}
allow to any
deny from any
""")
    Path("/run/openbgpd").mkdir(exist_ok=True)
    place.spawn([installed("/usr/sbin/bgpd"), "-d", "-f", config])


DAEMONS = {"BIRD": bird, "FRR": frr, "GoBGP": gobgp, "ExaBGP": exabgp, "OpenBGPD": openbgpd}
