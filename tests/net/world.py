"""A daemon in the world of the packet cases: its ports on veths, its hosts and routes static, and nobody but us.

The kernel beside the daemon is mute (nothing that it would send leaves), so whatever comes out of a port was made by
the data plane. The far ends answer nothing.
"""

import json
import select
import socket
import subprocess
import time

from lab import api, netns
from lab.errors import LabError
from lab.programs import built
from lab.run import Run
from lab.speakers.base import NODE_ASN
from lab.wait import wait_until

ETH_P_ALL = 3
PACKET_OUTGOING = 4
SO_RCVBUFFORCE = 33
FRAMES = 65536
# ARP knows no output chain of family inet, and neighbor discovery must stay away as well.
MUTE = """
table inet mute { chain out { type filter hook output priority 0; policy drop; }; }
table arp mute { chain out { type filter hook output priority 0; policy drop; }; }
"""


def _toml(keys: dict[str, object]) -> str:
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())


def configuration(world: dict, socket_path, state_file, ecmp: dict) -> str:
    text = '[router]\nasn = 64500\nrouter_id = "10.0.0.1"\n\n'
    # Errors are not to be limited, or which case gets one is a matter of time.
    text += f"[api]\n{_toml({'socket': str(socket_path)})}\n[dataplane]\n{_toml({'icmp_rate': 1_000_000})}\n"
    text += f"[ecmp]\n{_toml({'seed': world['seed'], 'state_file': str(state_file), **ecmp})}\n"
    for n, port in enumerate(world["ports"]):
        keys = {"name": port["name"], "device": f"af_packet:v{n}", "address": port["addresses"], "mtu": port["mtu"]}
        text += f"[[port]]\n{_toml(keys)}\n"
    for host in world["hosts"]:
        keys = {"address": host["address"], "mac": host["mac"], "port": world["ports"][host["port"]]["name"]}
        text += f"[[neighbor_entry]]\n{_toml(keys)}\n"
    for route in world["routes"]:
        nexthops = ", ".join(f'{{ via = "{address}" }}' for address in route["nexthops"])
        text += f"[[route]]\n{_toml({'prefix': route['prefix']})}nexthops = [{nexthops}]\n\n"
    for session in world["sessions"]:
        text += f"[[listen]]\n{_toml({'range': session, 'remote_as': [NODE_ASN], 'import': 'any'})}\n"
    return text


def packet_socket(ns: str, device: str) -> socket.socket:
    with netns.inside(ns):
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        sock.bind((device, ETH_P_ALL))
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
    sock.setblocking(False)
    return sock


class Daemon:
    """ecmpd in the world. Use it as a context."""

    def __init__(self, world: dict, ecmp: dict, mute: bool = True):
        self.world = world
        self.run = Run()
        try:
            self.router = self.run.namespace("router")
            self.far = self.run.namespace("far")
            for n, port in enumerate(world["ports"]):
                self._wire(n, port)
            if mute:
                netns_rules(self.router, MUTE)
            self.socket = self.run.folder / "ecmpd.sock"
            config = self.run.folder / "ecmpd.toml"
            config.write_text(configuration(world, self.socket, self.run.folder / "state.json", ecmp))
            self.process = self.run.spawn("router", self.router, [built("ecmpd"), str(config)])
            wait_until(self._ready, "ecmpd to have its routes", 60)
            self.ends = [packet_socket(self.far, f"f{n}") for n in range(len(world["ports"]))]
            self.twins = [packet_socket(self.router, f"t-{port['name']}") for port in world["ports"]]
        except BaseException:
            self.run.close()
            raise

    def _wire(self, n: int, port: dict) -> None:
        near, far = f"v{n}", f"f{n}"
        netns.ip("link", "add", near, "netns", self.router, "type", "veth", "peer", "name", far, "netns", self.far)
        for ns, device in ((self.router, near), (self.far, far)):
            netns.sysctl(ns, f"net.ipv6.conf.{device}.disable_ipv6", 1)
            netns.run(ns, "ethtool", "-K", device, "tx", "off")
            netns.ip("link", "set", device, "mtu", str(port["mtu"]), ns=ns)
        netns.ip("link", "set", near, "address", port["mac"], "up", ns=self.router)
        netns.ip("link", "set", far, "arp", "off", "up", ns=self.far)

    def _ready(self) -> bool:
        if self.process.poll() is not None:
            raise LabError(f"ecmpd ended with status {self.process.returncode}:\n{self.run.tail('router', 40)}")
        if self.try_ctl("show", "ports").returncode != 0:
            return False
        if not all(port["link"] for port in self.ctl("show", "ports")["ports"]):
            return False
        known = {host["address"] for host in self.world["hosts"]}
        shown = {route["prefix"]: route for route in self.ctl("show", "routes")["routes"]}
        for route in self.world["routes"]:
            here = shown.get(route["prefix"])
            if here is None or not here["installed"] or any(hop["resolving"] for hop in here["nexthops"]):
                return False
            if {hop["address"] for hop in here["nexthops"] if hop["live"]} != known & set(route["nexthops"]):
                return False
        return True

    def __enter__(self) -> "Daemon":
        return self

    def __exit__(self, *_exc) -> None:
        for sock in [*self.ends, *self.twins]:
            sock.close()
        self.run.close()

    def try_ctl(self, *words: str) -> subprocess.CompletedProcess:
        command = [built("ecmpctl"), "--socket", str(self.socket), *words, "--json"]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    def ctl(self, *words: str) -> dict:
        done = self.try_ctl(*words)
        if done.returncode:
            raise LabError(f"ecmpctl {' '.join(words)}: status {done.returncode}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def show(self, what: str) -> list[dict]:
        """What `ecmpctl show WHAT --json` prints, asked as it asks, without a program each time."""
        return api.get(self.socket, f"show/{what}")[what]

    def drops(self) -> dict[str, int]:
        return {row["reason"]: row["packets"] for row in self.show("drops")}

    def totals(self) -> dict[str, int]:
        """The sums over ports and workers that the law of accounting is about."""
        workers, ports = self.show("workers"), self.show("ports")
        out = {key: sum(worker[key] for worker in workers) for key in ("injected", "fragments", "punted")}
        out |= {key: sum(port[f"{key}_packets"] for port in ports) for key in ("rx", "tx")}
        return out | {"drops": sum(self.drops().values())}

    def icmp(self) -> dict[str, int]:
        rows = self.show("icmp")
        errors = sum(value for row in rows for key, value in row.items() if key not in KINDS_NOT_SENT)
        return {"sent": errors, "not_allowed": sum(row["not_allowed"] for row in rows)}


KINDS_NOT_SENT = ("port", "rate_limited", "not_allowed")


def balance(totals: dict[str, int]) -> int:
    """0 at rest: received + injected + fragments = sent + punted + dropped."""
    came = totals["rx"] + totals["injected"] + totals["fragments"]
    return came - totals["tx"] - totals["punted"] - totals["drops"]


def netns_rules(ns: str, rules: str) -> None:
    command = netns.command(ns, "nft", "-f", "-")
    done = subprocess.run(command, input=rules, capture_output=True, text=True)
    if done.returncode:
        raise LabError(f"nft: {done.stderr.strip()}")


def received(sock: socket.socket) -> list[bytes]:
    """What has come in until now."""
    out = []
    while True:
        try:
            data, address = sock.recvfrom(FRAMES)
        except BlockingIOError:
            return out
        if address[2] != PACKET_OUTGOING:
            out.append(data)


def wait_readable(socks: list[socket.socket], until: float) -> None:
    """Returns at `until` or before it."""
    select.select(socks, [], [], max(0.0, until - time.monotonic()))
