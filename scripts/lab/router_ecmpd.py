"""ecmpd as the router: its configuration, its start and end, and what its `ecmpctl` answers."""

import json
import subprocess
from dataclasses import dataclass, field

from .errors import LabError
from .programs import built
from .router import SERVICE_NETWORK, Router
from .run import Run
from .speakers.base import NODE_ASN, ROUTER_ASN
from .topology import Topology, plug, router_address, router_address6
from .wait import wait_until

NOT_FOUND = 4


@dataclass
class Options:
    """What differs from lab to lab in its configuration."""

    device: str = "af_packet"  # or af_xdp, tap: behind every port
    devices: dict[str, str] = field(default_factory=dict)  # instead, the whole of it, by the port's name
    ecmp: dict[str, object] = field(default_factory=dict)
    dataplane: dict[str, object] = field(default_factory=dict)
    mtu: dict[str, int] = field(default_factory=dict)  # by the port's name
    listen: dict[str, object] = field(default_factory=dict)  # in every [[listen]]
    ipv6: bool = False  # each port has an IPv6 address too
    more: str = ""  # at the end of the file


def _toml(keys: dict[str, object]) -> str:
    # Strings, numbers, booleans and lists of them are written as in JSON.
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())


class EcmpdRouter(Router):
    kind = "ecmpd"

    def __init__(self, run: Run, topology: Topology, options: Options | None = None):
        super().__init__(run, topology)
        self.options = options or Options()
        self.socket = run.folder / "ecmpd.sock"
        self.config_file = run.folder / "ecmpd.toml"
        self.state_file = run.folder / "ecmpd-state.json"

    def config(self) -> str:
        options = self.options
        ports = "".join(
            f'\n[[port]]\nname = "{p.name}"\n'
            + _toml({"device": options.devices.get(p.name, f"{options.device}:{p.device}")})
            + f"mtu = {options.mtu.get(p.name, 1500)}\n"
            + _toml({"address": [p.address, f"{router_address6(n)}/64"] if options.ipv6 else [p.address]})
            for n, p in enumerate(self.topology.ports)
        )
        listens = "".join(
            f'\n[[listen]]\nrange = "{p.address.rsplit(".", 1)[0]}.0/24"\nremote_as = [{NODE_ASN}]\n'
            f'maximum_prefix = 1000\nimport = ["{SERVICE_NETWORK} le 32"]\n{_toml(options.listen)}'
            for p in self.topology.ports
            if p.name != "client"
        )
        return f"""[router]
asn = {ROUTER_ASN}
router_id = "{router_address(0)}"

[api]
socket = "{self.socket}"

[dataplane]
{_toml(options.dataplane)}
[ecmp]
state_file = "{self.state_file}"
{_toml({"seed": 7, **options.ecmp})}{ports}{listens}{options.more}"""

    def start(self) -> None:
        self.config_file.write_text(self.config())
        process = self.run.spawn("router", self.topology.router, [built("ecmpd"), str(self.config_file)])

        def answers() -> bool:
            if process.poll() is not None:
                raise LabError(f"ecmpd ended with status {process.returncode}:\n{self.run.tail('router')}")
            return self.try_ecmpctl("show", "ports").returncode == 0

        wait_until(answers, "ecmpd to answer ecmpctl", 30)
        if self.options.device == "tap":
            plug(self.topology)

    def try_ecmpctl(self, *words: str) -> subprocess.CompletedProcess:
        command = [built("ecmpctl"), "--socket", str(self.socket), *words, "--json"]
        return subprocess.run(command, capture_output=True, text=True, timeout=20)

    def ecmpctl(self, *words: str) -> dict:
        """What ecmpctl answers, as JSON; an empty object for what it does not find."""
        done = self.try_ecmpctl(*words)
        if done.returncode == NOT_FOUND:
            return {}
        if done.returncode:
            raise LabError(f"ecmpctl {' '.join(words)}: status {done.returncode}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def nexthops(self, service: str) -> set[str]:
        prefix = f"{service}/{128 if ':' in service else 32}"
        for route in self.ecmpctl("show", "routes", prefix).get("routes", []):
            if route["prefix"] == prefix and route["installed"]:
                return {hop["address"] for hop in route["nexthops"] if hop["live"]}
        return set()

    def wait_asked(self, prefix: str) -> None:
        """Until each nexthop of the route has answered ARP or ND, or has been given up."""

        def resolving() -> bool:
            (route,) = self.ecmpctl("show", "routes", prefix)["routes"]
            return any(hop["resolving"] for hop in route["nexthops"])

        wait_until(lambda: not resolving(), f"the nexthops of {prefix} to answer or be given up", 20)

    def explain(self, src: str, dst: str, protocol: str, sport: int, dport: int) -> str:
        """The nexthop that a packet with this 5-tuple is sent to."""
        return self.ecmpctl("explain", src, dst, protocol, str(sport), str(dport))["nexthop"]

    def look_around(self) -> list[str]:
        ctl = f"{built('ecmpctl')} --socket {self.socket}"
        return [
            f"{ctl} show bgp summary",
            f"{ctl} show routes",
            f"{ctl} show groups",
            f"{ctl} show ports",
            f"{ctl} explain 10.0.0.2 203.0.113.10 tcp 40000 7",
        ]
