"""Two ecmpd routers behind an upstream router with ECMP, and the nodes on a segment that both routers share.

    clients 10.9.0.x --- upstream --- 10.1.0.1 router1 --- 10.0.1.1 --+
                          |     +---- 10.2.0.1 router2 --- 10.0.1.2 --+-- segment --- nodes 10.0.1.11, ...
                          +---------- 10.0.1.254 ---------------------+

Upstream is Linux with BIRD: it learns the services from both routers and spreads connections over them. Answers take the
short way, from the segment to upstream.
"""

import json
from pathlib import Path

from lab import api, netns
from lab.programs import built, installed
from lab.run import Run
from lab.speakers.base import NODE_ASN, ROUTER_ASN
from lab.wait import wait_until
from lab.worker import Worker

SERVICE = "203.0.113.10"
UPSTREAM_ASN = 64999
CLIENT_ASIDE = "10.9.0.1"
BACK = "10.0.1.254"
FIVE_FIELDS = 0x01 | 0x02 | 0x04 | 0x10 | 0x20
SECONDS = 120


def wire(near: str, near_device: str, far: str, far_device: str) -> None:
    netns.ip("link", "add", near_device, "netns", near, "type", "veth", "peer", "name", far_device, "netns", far)
    for ns, device in ((near, near_device), (far, far_device)):
        netns.sysctl(ns, f"net.ipv6.conf.{device}.disable_ipv6", 1)
        netns.run(ns, "ethtool", "-K", device, "tx", "off")
        netns.ip("link", "set", "dev", device, "up", ns=ns)


def address(ns: str, device: str, value: str) -> None:
    netns.ip("addr", "add", value, "dev", device, ns=ns)


def bridge(ns: str) -> None:
    netns.ip("link", "add", "br0", "type", "bridge", ns=ns)
    netns.sysctl(ns, "net.ipv6.conf.br0.disable_ipv6", 1)
    netns.ip("link", "set", "br0", "up", ns=ns)


class Router:
    """One of the two; `number` is 1 or 2."""

    def __init__(self, run: Run, number: int, selector: str):
        self.socket = run.folder / f"router{number}.sock"
        self.run, self.number, self.name = run, number, f"router{number}"
        self.ns = run.namespace(self.name)
        self.address = f"10.{number}.0.1"
        self.file: Path = run.folder / f"{self.name}.toml"
        self.file.write_text(f"""[router]
asn = {ROUTER_ASN}
router_id = "{self.address}"

[api]
socket = "{self.socket}"

[ecmp]
selector = "{selector}"
seed = 7
state_file = "{run.folder / self.name}.json"

[[port]]
name = "up"
device = "af_packet:up"
address = "{self.address}/24"

[[port]]
name = "nodes"
device = "af_packet:nodes"
address = "10.0.1.{number}/24"

[[neighbor]]
address = "10.{number}.0.2"
remote_as = {UPSTREAM_ASN}
passive = true
export = ["203.0.113.0/24 ge 32"]

[[listen]]
range = "10.0.1.0/24"
remote_as = {NODE_ASN}
import = ["203.0.113.0/24 ge 32"]
""")

    def start(self) -> None:
        self.process = self.run.spawn(self.name, self.ns, [built("ecmpd"), str(self.file)])

    def live(self) -> set[str]:
        """The nodes that it spreads the service over."""
        status, body = api.ask(self.socket, "show/routes", prefix=f"{SERVICE}/32")
        if status != 200 or not body["routes"][0]["installed"]:
            return set()
        return {hop["address"] for hop in body["routes"][0]["nexthops"] if hop["live"]}

    def received(self) -> int:
        """Packets from upstream."""
        return next(port["rx_packets"] for port in api.get(self.socket, "show/ports")["ports"] if port["name"] == "up")

    def choice(self, flow: tuple[str, int]) -> str:
        """The node that it sends a connection of this client address and port to."""
        return api.get(self.socket, "explain", src=flow[0], dst=SERVICE, protocol="tcp", sport=flow[1], dport=7)["nexthop"]


class TwoRouters:
    """Use it as a context."""

    def __init__(self, selector: str, nodes: int, clients: int):
        self.run = Run()
        try:
            self._build(selector, nodes, clients)
        except BaseException:
            self.run.close()
            raise

    def _build(self, selector: str, nodes: int, clients: int) -> None:
        self.upstream, self.segment = self.run.namespace("upstream"), self.run.namespace("segment")
        bridge(self.upstream)
        bridge(self.segment)
        address(self.upstream, "br0", f"{CLIENT_ASIDE}/24")
        wire(self.upstream, "back", self.segment, "upstream")
        netns.ip("link", "set", "upstream", "master", "br0", ns=self.segment)
        address(self.upstream, "back", f"{BACK}/24")
        self.routers = [Router(self.run, number, selector) for number in (1, 2)]
        for router in self.routers:
            wire(self.upstream, router.name, router.ns, "up")
            address(self.upstream, router.name, f"10.{router.number}.0.2/24")
            wire(self.segment, router.name, router.ns, "nodes")
            netns.ip("link", "set", router.name, "master", "br0", ns=self.segment)
        self.nodes = {f"10.0.1.{11 + n}": self._node(f"node{n + 1}", f"10.0.1.{11 + n}") for n in range(nodes)}
        self.clients = {f"10.9.0.{11 + n}": self._client(f"client{n + 1}", f"10.9.0.{11 + n}") for n in range(clients)}
        for name, value in (("ip_forward", 1), ("fib_multipath_hash_policy", 3), ("fib_multipath_hash_fields", FIVE_FIELDS)):
            netns.sysctl(self.upstream, f"net.ipv4.{name}", value)

    def _host(self, name: str, at: str, switch: str, switch_port: str, gateway: str) -> str:
        ns = self.run.namespace(name)
        wire(switch, switch_port, ns, "eth0")
        netns.ip("link", "set", switch_port, "master", "br0", ns=switch)
        address(ns, "eth0", f"{at}/24")
        netns.ip("route", "add", "default", "via", gateway, ns=ns)
        return ns

    def _node(self, name: str, at: str) -> str:
        ns = self._host(name, at, self.segment, name, BACK)
        address(ns, "lo", f"{SERVICE}/32")
        return ns

    def _client(self, name: str, at: str) -> str:
        return self._host(name, at, self.upstream, name, CLIENT_ASIDE)

    def __enter__(self) -> "TwoRouters":
        return self

    def __exit__(self, *_exc) -> None:
        self.run.close()

    def start(self) -> None:
        for router in self.routers:
            router.start()
        self._bird("upstream", self.upstream, "".join(
            f"protocol bgp {r.name} {{ local as {UPSTREAM_ASN}; neighbor {r.address} as {ROUTER_ASN}; hold time 3;"
            f" connect delay time 1; connect retry time 1; error wait time 1, 2; ipv4 {{ import all; export none; }}; }}\n"
            for r in self.routers)
            + "protocol kernel { merge paths on; ipv4 { import none; export where source = RTS_BGP; }; }\n")  # fmt: skip
        for at, ns in self.nodes.items():
            sessions = "".join(
                f"protocol bgp {r.name} {{ local {at} as {NODE_ASN}; neighbor 10.0.1.{r.number} as {ROUTER_ASN}; hold time 9;"
                f" connect delay time 1; connect retry time 1; error wait time 1, 2;"
                f" ipv4 {{ import none; export where source = RTS_STATIC; next hop self; }}; }}\n"
                for r in self.routers)  # fmt: skip
            self._bird(at, ns, f"protocol static {{ ipv4; route {SERVICE}/32 blackhole; }}\n{sessions}")
            Worker(self.run, f"{at}-echo", ns, "echo", [at, SERVICE]).wait("ready")
        for router in self.routers:
            self.wait_for_nodes(router, set(self.nodes))
        self.wait_for_upstream({router.address for router in self.routers})

    def _bird(self, name: str, ns: str, protocols: str) -> None:
        own = BACK if name == "upstream" else name
        config = self.run.folder / f"{name}.conf"
        config.write_text(f"router id {own};\nprotocol device {{ }}\n{protocols}")
        paths = [str(self.run.folder / f"{name}.{kind}") for kind in ("ctl", "pid")]
        self.run.spawn(f"{name}-bgp", ns, [installed("bird"), "-f", "-c", str(config), "-s", paths[0], "-P", paths[1]])

    def upstream_session(self, router: Router, word: str) -> None:
        """`word` is enable or disable."""
        netns.run(self.upstream, installed("birdc"), "-s", str(self.run.folder / "upstream.ctl"), word, router.name)

    def wait_for_nodes(self, router: Router, wanted: set[str]) -> None:
        wait_until(lambda: api.answers(router.socket) and router.live() == wanted, f"{router.name} to use {sorted(wanted)}", SECONDS)

    def wait_for_upstream(self, wanted: set[str]) -> None:
        wait_until(lambda: self._spread() == wanted, f"upstream to use {sorted(wanted)}", SECONDS)

    def _spread(self) -> set[str]:
        """The routers that upstream spreads the service over."""
        routes = json.loads(netns.ip("-j", "route", "show", f"{SERVICE}/32", ns=self.upstream) or "[]")
        return {hop["gateway"] for route in routes for hop in route.get("nexthops", [route])}

    def served(self) -> dict[tuple[str, int], str]:
        """Client's address and port -> node, for every connection that is established at a node: its kernel's word."""
        found = {}
        for at, ns in self.nodes.items():
            for line in netns.run(ns, "ss", "-Htn", "state", "established", "sport", "=", ":7").splitlines():
                peer, _, port = line.split()[-1].rpartition(":")
                found[peer, int(port)] = at
        return found
