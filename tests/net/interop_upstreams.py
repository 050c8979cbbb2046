"""The five daemons as upstream routers, each with a session over IPv4, one over IPv6 and one over link-local addresses,
and both families on each.

What they were told is what they say themselves, through their own control program; ExaBGP, which keeps no table to ask
for, hands every UPDATE to a process that writes it down.
"""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from lab import netns
from lab.errors import LabError
from lab.programs import installed
from lab.run import Run
from lab.speakers.base import ROUTER_ASN
from lab.topology import FAR_DEVICE, LINK_LOCAL6, node_address, node_address6, router_address, router_address6
from lab.wait import wait_until

UPSTREAM_ASN = 64999


@dataclass
class Session:
    name: str
    local: str
    router: str
    device: str = ""  # of link-local addresses

    @property
    def scope(self) -> str:
        return f"%{self.device}" if self.device else ""


@dataclass
class Told:
    """A path as the daemon has it."""

    nexthops: set[str]
    as_path: list[int]
    communities: set[str]
    large: set[str]


class Upstream:
    """Node `n` of the laboratory, and the daemon there; `link_local` is the router's address on that link."""

    with_link_local = True
    connects_link_local = True  # else ecmpd has to

    def __init__(self, run: Run, ns: str, n: int, link_local: str):
        self.run, self.ns, self.name = run, ns, f"up{n}"
        self.address, self.address6 = node_address(n), node_address6(n)
        self.router, self.router6, self.link_local = router_address(n), router_address6(n), link_local

    def sessions(self) -> list[Session]:
        far = [Session("ll", LINK_LOCAL6, self.link_local, FAR_DEVICE)] if self.with_link_local else []
        return [Session("v4", self.address, self.router), Session("v6", self.address6, self.router6), *far]

    def start(self) -> None:
        raise NotImplementedError

    def told(self) -> dict[tuple[str, str], Told]:
        """By the router's end of the session and prefix; empty while the daemon does not answer yet."""
        raise NotImplementedError

    def path(self, suffix: str) -> Path:
        return self.run.folder / f"{self.name}.{suffix}"

    def write(self, suffix: str, text: str) -> str:
        self.path(suffix).write_text(text)
        self.path(suffix).chmod(0o600)  # OpenBGPD insists
        return str(self.path(suffix))

    def spawn(self, *argv: str, **options) -> None:
        self.run.spawn(self.name, self.ns, list(argv), **options)

    def ask(self, *argv: str) -> str:
        try:
            return netns.run(self.ns, *argv)
        except LabError:  # not yet there; if it never is, whoever waits says so
            return ""


class Bird(Upstream):
    def start(self) -> None:
        config = self.write("conf", f"router id {self.address};\nprotocol device {{ }}\n" + "".join(f"""
protocol bgp {one.name} {{
  local {one.local} as {UPSTREAM_ASN};
  neighbor {one.router}{f"%'{one.device}'" if one.device else ""} as {ROUTER_ASN};
  connect delay time 1; connect retry time 1; error wait time 1, 2;
  ipv4 {{ import all; export none; }};
  ipv6 {{ import all; export none; }};
}}
""" for one in self.sessions()))  # fmt: skip
        self.spawn(installed("bird"), "-f", "-c", config, "-s", str(self.path("ctl")), "-P", str(self.path("pid")))

    def told(self):
        found = {}
        for one in self.sessions():
            lines = self.ask(installed("birdc"), "-s", str(self.path("ctl")), "show", "route", "all", "protocol", one.name)
            prefix = ""
            for line in lines.splitlines():
                prefix = line.split()[0] if line[:1].isalnum() and "/" in line.split()[0] else prefix
                key, _, value = line.strip().partition(": ")
                if key == "BGP.as_path":
                    told = found[one.router, prefix] = Told(set(), [int(asn) for asn in value.split()], set(), set())
                elif key == "BGP.next_hop":
                    told.nexthops = set(value.split())
                elif key == "BGP.community":
                    told.communities = {text.strip("()").replace(",", ":") for text in value.split()}
                elif key == "BGP.large_community":
                    told.large = {text.strip("()").replace(", ", ":") for text in value.split(") (")}
        return found


class Frr(Upstream):
    """With zebra, which tells it the interfaces: link-local nexthops need one. It reads its configuration before it has
    heard of any, and never connects to a link-local neighbor then (8.4), but lets itself be connected to."""

    connects_link_local = False

    def start(self) -> None:
        routers = [one.router for one in self.sessions()]
        neighbors = "".join(f" neighbor {one} remote-as {ROUTER_ASN}\n neighbor {one} timers connect 1\n" for one in routers)
        neighbors += f" neighbor {self.link_local} interface {FAR_DEVICE}\n"
        families = "".join(
            f" address-family {family} unicast\n"
            + "".join(f"  neighbor {one} activate\n  neighbor {one} route-map nothing out\n" for one in routers)
            + " exit-address-family\n"
            for family in ("ipv4", "ipv6")
        )
        config = self.write("conf", f"log stdout\nrouter bgp {UPSTREAM_ASN}\n bgp router-id {self.address}\n"
                                    f" no bgp ebgp-requires-policy\n{neighbors}{families}"
                                    "route-map nothing deny 10\n")  # fmt: skip
        vty, zebra = self.path("vty"), self.path("zebra")
        for folder in (vty, zebra):
            folder.mkdir()
        shutil.chown(zebra, "frr")  # the user that it becomes
        zserv = zebra / "zserv"
        self.run.spawn(f"{self.name}-zebra", self.ns, [
            installed("/usr/lib/frr/zebra"), "-P", "0", "-f", "/dev/null", "-z", str(zserv), "--vty_socket", str(zebra),
            "-i", str(zebra / "pid"), "--log", "stdout"])  # fmt: skip
        wait_until(zserv.exists, "zebra's socket", 20)
        self.spawn(installed("/usr/lib/frr/bgpd"), "-z", str(zserv), "-S", "-P", "0", "-f", config, "--vty_socket", str(vty),
                   "-i", str(self.path("pid")), "--log", "stdout")  # fmt: skip

    def _show(self, family: str, *words: str) -> dict:
        line = " ".join(("show bgp", family, "unicast", *words, "json"))
        return json.loads(self.ask(installed("vtysh"), "--vty_socket", str(self.path("vty")), "-d", "bgpd", "-c", line) or "{}")

    def told(self):
        found = {}
        for family in ("ipv4", "ipv6"):
            for prefix in self._show(family).get("routes", {}):
                for path in self._show(family, prefix).get("paths", []):
                    found[path["peer"]["peerId"], prefix] = Told(
                        {hop["ip"] for hop in path["nexthops"]},
                        [int(asn) for asn in path["aspath"]["string"].split()],
                        set(path.get("community", {}).get("list", [])),
                        set(path.get("largeCommunity", {}).get("list", [])),
                    )
        return found


class GoBgp(Upstream):
    def start(self) -> None:
        neighbors = "".join(f"""
[[neighbors]]
  [neighbors.config]
    neighbor-address = "{one.router}{one.scope}"
    peer-as = {ROUTER_ASN}
  [neighbors.timers.config]
    connect-retry = 1
    idle-hold-time-after-reset = 1
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "ipv4-unicast"
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "ipv6-unicast"
""" for one in self.sessions())  # fmt: skip
        config = self.write("toml", f"""[global.config]
  as = {UPSTREAM_ASN}
  router-id = "{self.address}"
  port = -1
{neighbors}""")
        self.spawn(installed("gobgpd"), "-f", config, "--log-plain", "--pprof-disable")

    def told(self):
        found = {}
        for family in ("ipv4", "ipv6"):
            text = self.ask(installed("gobgp"), "global", "rib", "-a", family, "-j")
            for prefix, paths in json.loads(text or "{}").items():
                for path in paths:
                    found[path["neighbor-ip"].split("%")[0], prefix] = self._path(path["attrs"])
        return found

    @staticmethod
    def _path(attributes: list[dict]) -> Told:
        by_type = {one["type"]: one for one in attributes}
        communities = by_type.get(8, {}).get("communities", [])
        large = by_type.get(32, {}).get("value", [])
        return Told(
            {by_type[3 if 3 in by_type else 14]["nexthop"]},
            [asn for segment in by_type[2]["as_paths"] for asn in segment["asns"]],
            {f"{one >> 16}:{one & 0xFFFF}" for one in communities},
            {f"{one['ASN']}:{one['LocalData1']}:{one['LocalData2']}" for one in large},
        )


class ExaBgp(Upstream):
    with_link_local = False  # it does not name the link that it means

    def start(self) -> None:
        self.path("updates").touch()
        neighbors = "".join(f"""
neighbor {one.router} {{
  router-id {self.address};
  local-address {one.local};
  local-as {UPSTREAM_ASN};
  peer-as {ROUTER_ASN};
  family {{ ipv4 unicast; ipv6 unicast; }}
  api {{ processes [ notes ]; receive {{ parsed; update; }} }}
}}
""" for one in self.sessions())  # fmt: skip
        config = self.write("conf", f"""process notes {{
  run /bin/sh -c "exec cat 3>&1 >> {self.path("updates")}";
  encoder json;
}}
{neighbors}""")
        environment = {
            **os.environ,
            "exabgp_api_cli": "false",
            "exabgp_daemon_user": "root",
            "exabgp_daemon_drop": "false",
            "exabgp_tcp_bind": "",
        }
        self.spawn(installed("exabgp"), config, env=environment)

    def told(self):
        found = {}
        for line in self.path("updates").read_text().splitlines():
            neighbor = json.loads(line)["neighbor"]
            router, update = neighbor["address"]["peer"], neighbor["message"].get("update", {})
            for prefixes in update.get("withdraw", {}).values():
                for prefix in prefixes:
                    found.pop((router, prefix["nlri"]), None)
            attributes = update.get("attribute", {})
            for by_nexthop in update.get("announce", {}).values():
                for nexthop, prefixes in by_nexthop.items():
                    for prefix in prefixes if nexthop != "null" else ():  # End-of-RIB
                        path = found.setdefault((router, prefix["nlri"]), Told(set(), [], set(), set()))
                        path.nexthops.add(nexthop)
                        path.as_path = attributes["as-path"]
                        path.communities = {":".join(map(str, one)) for one in attributes.get("community", [])}
                        path.large = {":".join(map(str, one)) for one in attributes.get("large-community", [])}
        return found


class OpenBgpd(Upstream):
    def start(self) -> None:
        neighbors = "".join(f"""
neighbor {one.router}{one.scope} {{
  remote-as {ROUTER_ASN}
  local-address {one.local}{one.scope}
  announce IPv4 unicast
  announce IPv6 unicast
}}
""" for one in self.sessions())  # fmt: skip
        config = self.write("conf", f"""AS {UPSTREAM_ASN}
router-id {self.address}
fib-update no
socket "{self.path("sock")}"
{neighbors}
allow from any
""")
        Path("/run/openbgpd").mkdir(exist_ok=True)
        self.spawn(installed("/usr/sbin/bgpd"), "-d", "-f", config)

    def told(self):
        text = self.ask(installed("bgpctl"), "-j", "-s", str(self.path("sock")), "show", "rib", "detail")
        found = {}
        for path in json.loads(text or "{}").get("rib", []):
            found[path["neighbor"]["remote_addr"].split("%")[0], path["prefix"]] = Told(
                {path["exit_nexthop"]},
                [int(asn) for asn in path["aspath"].split()],
                set(path.get("communities", [])),
                set(path.get("large_communities", [])),
            )
        return found


UPSTREAMS = {"BIRD": Bird, "FRR": Frr, "GoBGP": GoBgp, "ExaBGP": ExaBgp, "OpenBGPD": OpenBgpd}
