"""An ecmpd with two nodes that announce a service of each family, and the five daemons upstream, all in one laboratory.

What has odd lengths goes by static routes; the nodes' routes carry attributes that pass through, and get others.
"""

from dataclasses import replace
from ipaddress import IPv6Address

from interop_upstreams import UPSTREAM_ASN, UPSTREAMS, Told
from lab.lab import SETTLE_SECONDS, Lab
from lab.programs import installed
from lab.speakers.base import NODE_ASN, ROUTER_ASN
from lab.topology import LINK_LOCAL6, add_ipv6, node_address, node_address6, router_address, router_address6
from lab.wait import wait_until

NODES = ("node1", "node2")
SERVICE, SERVICE6 = "203.0.113.10/32", "2001:db8:113::10/128"
STATIC, STATIC6 = "198.51.100.128/25", "2001:db8:8000::/33"
PREFIXES = 4
SHOW_BOTH = ("BIRD", "FRR")  # of two nexthops; the others show the global one
COMMUNITY, LARGE = "64500:7", f"{NODE_ASN}:1:2"
EXPORT = f"""[
  {{ prefix = "{SERVICE}", add_community = "{COMMUNITY}", prepend = 1 }},
  {{ prefix = "{SERVICE6}", add_community = "{COMMUNITY}", prepend = 1 }},
  "{STATIC}", "{STATIC6}",
]"""


def _neighbor(address: str, asn: int, *more: str, passive: bool = True) -> str:
    opening = "passive = true" if passive else "connect_retry = 1"
    lines = ("[[neighbor]]", f'address = "{address}"', f"remote_as = {asn}", opening, *more)
    return "\n" + "\n".join(lines) + "\n"


def _link_local(mac: str) -> str:
    """The address that a port has by its MAC (RFC 4291, appendix A)."""
    first, *middle, last = (int(byte, 16) for byte in mac.split(":"))
    return str(IPv6Address(b"\xfe\x80" + bytes(6) + bytes([first ^ 2, *middle[:2], 0xFF, 0xFE, *middle[2:], last])))


def _route(prefix: str, via: str) -> str:
    return f'\n[[route]]\nprefix = "{prefix}"\nnexthops = [{{ via = "{via}" }}]\n'


class ExportLab:
    """Use it as a context; `upstreams` and `numbers` (of their links) are by the daemon's name."""

    def __init__(self):
        names = [*NODES, *(name.lower() for name in UPSTREAMS)]
        self.numbers = {name: names.index(name.lower()) + 1 for name in UPSTREAMS}
        more = "".join(_neighbor(node_address(n), NODE_ASN, 'import = "any"') for n in (1, 2))
        more += "".join(_neighbor(address(n), UPSTREAM_ASN, f"export = {EXPORT}")
                        for n in self.numbers.values() for address in (node_address, node_address6))  # fmt: skip
        more += "".join(_neighbor(LINK_LOCAL6, UPSTREAM_ASN, f'port = "{name.lower()}"', f"export = {EXPORT}",
                                  passive=UPSTREAMS[name].connects_link_local) for name in self.numbers)  # fmt: skip
        more += _route(STATIC, node_address(1)) + _route(STATIC6, node_address6(1))
        self.lab = Lab(nodes=dict.fromkeys(names, "bird"), services=(), ipv6=True, more=more)

    def __enter__(self) -> "ExportLab":
        lab = self.lab
        try:
            add_ipv6(lab.topology, [])
            lab.router.start()
            ports = {port["name"]: port["mac"] for port in lab.router.ecmpctl("show", "ports")["ports"]}
            self.link_locals = {name: _link_local(ports[name.lower()]) for name in UPSTREAMS}
            self.upstreams = {
                name: kind(lab.run, lab.nodes[name.lower()].ns, self.numbers[name], self.link_locals[name])
                for name, kind in UPSTREAMS.items()
            }
            for n in (1, 2):
                self._start_node(n)
            for upstream in self.upstreams.values():
                upstream.start()
        except BaseException:
            lab.run.close()
            raise
        return self

    def __exit__(self, *exc) -> None:
        self.lab.run.close()

    def _start_node(self, n: int) -> None:
        """BIRD with both families on its IPv4 session."""
        folder = self.lab.run.folder
        config = folder / f"node{n}.conf"
        large = f"{{ bgp_large_community.add(({LARGE.replace(':', ',')})); }}"
        config.write_text(f"""router id {node_address(n)};
protocol device {{ }}
protocol static s4 {{ ipv4; route {SERVICE} blackhole {large}; }}
protocol static s6 {{ ipv6; route {SERVICE6} blackhole {large}; }}
protocol bgp upstream {{
  local {node_address(n)} as {NODE_ASN};
  neighbor {router_address(n)} as {ROUTER_ASN};
  connect delay time 1; connect retry time 1; error wait time 1, 2;
  ipv4 {{ import none; export all; next hop self; }};
  ipv6 {{ import none; export all; next hop address {node_address6(n)}; }};
}}
""")
        self.lab.run.spawn(f"node{n}", self.lab.nodes[f"node{n}"].ns, [
            installed("bird"), "-f", "-c", str(config), "-s", str(folder / f"node{n}.ctl"), "-P", str(folder / f"node{n}.pid"),
        ])  # fmt: skip

    def set_announced(self, n: int, on: bool) -> None:
        for protocol in ("s4", "s6"):
            self.lab.nodes[f"node{n}"].speaker.control(
                installed("birdc"), "-s", str(self.lab.run.folder / f"node{n}.ctl"), "enable" if on else "disable", protocol
            )

    def wait_nodes(self, *numbers: int) -> None:
        """Until the router has these nodes, and no others, for both services."""
        router = self.lab.router
        wanted = [{address(n) for n in numbers} for address in (node_address, node_address6)]
        services = [service.split("/")[0] for service in (SERVICE, SERVICE6)]
        wait_until(lambda: [router.nexthops(one) for one in services] == wanted, f"nodes {numbers}", SETTLE_SECONDS)

    def sent(self) -> set[int]:
        """How many prefixes each of the upstreams has been told, of both families."""
        sent: dict[str, int] = {}
        for family in self.lab.router.ecmpctl("show", "bgp", "summary").values():
            for name, peer in family["peers"].items():
                if peer["remoteAs"] == UPSTREAM_ASN and peer["state"] == "Established":
                    sent[name] = sent.get(name, 0) + peer["pfxSnt"]
        return set(sent.values())

    def expected(self, name: str, services: bool = True) -> dict[tuple[str, str], Told]:
        """What this daemon is to have been told on each of its sessions."""
        n, link_local = self.numbers[name], self.link_locals[name]
        sessions = {router_address(n): set(), router_address6(n): set()}  # and what stands beside an IPv6 nexthop
        if self.upstreams[name].with_link_local:
            sessions[link_local] = {link_local} if name in SHOW_BOTH else set()
        told = {prefix: Told(set(), [ROUTER_ASN], set(), set()) for prefix in (STATIC, STATIC6)}
        for prefix in (SERVICE, SERVICE6) if services else ():
            told[prefix] = Told(set(), [ROUTER_ASN, ROUTER_ASN, NODE_ASN], {COMMUNITY}, {LARGE})
        return {
            (session, prefix): replace(path, nexthops={router_address6(n), *beside} if ":" in prefix else {router_address(n)})
            for session, beside in sessions.items()
            for prefix, path in told.items()
        }

    def wait_told(self, name: str, wanted: dict[tuple[str, str], Told]) -> None:
        upstream = self.upstreams[name]
        wait_until(lambda: upstream.told().keys() == wanted.keys(), f"{name} to have {sorted(wanted)}", SETTLE_SECONDS)
        assert upstream.told() == wanted
