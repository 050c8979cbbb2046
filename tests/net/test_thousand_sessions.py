"""A thousand nodes, each with a session of its own: all come up, and half of them that flap disturb nobody else.

Every node announces one service that all have, with itself as nexthop, and a prefix that nobody else has.
"""

import ipaddress
import socket
import struct

import pytest

from bgp_swarm import Speaker, Swarm
from lab import api, netns
from lab.programs import built
from lab.run import Run
from lab.speakers.base import NODE_ASN, ROUTER_ASN
from lab.wait import wait_until
from raw_bgp import UPDATE, message

SESSIONS = 1000
ROUTER, PORT = "10.64.0.1", "10.200.0.1"
SERVICE = "203.0.113.10/32"
SECONDS = 120


def session_address(n: int) -> str:
    return str(ipaddress.IPv4Address("10.64.1.0") + n)


def nexthop(n: int) -> str:
    return str(ipaddress.IPv4Address("10.200.1.0") + n)


def own_prefix(n: int) -> str:
    return f"{ipaddress.IPv4Address('198.18.0.0') + n}/32"


def update(n: int) -> bytes:
    attrs = bytes.fromhex("40010100 4002060201") + struct.pack("!I", NODE_ASN) + bytes.fromhex("400304")
    attrs += socket.inet_aton(nexthop(n))
    nlri = b"".join(b"\x20" + socket.inet_aton(prefix.split("/")[0]) for prefix in (SERVICE, own_prefix(n)))
    return message(UPDATE, struct.pack("!HH", 0, len(attrs)) + attrs + nlri)


def configuration(folder, nexthops: int) -> str:
    entries = "".join(f'[[neighbor_entry]]\naddress = "{nexthop(n)}"\nmac = "02:00:00:00:{n >> 8:02x}:{n & 255:02x}"\nport = "p0"\n'
                      for n in range(nexthops))  # fmt: skip
    return f"""[router]
asn = {ROUTER_ASN}
router_id = "{PORT}"

[api]
socket = "{folder / 'ecmpd.sock'}"

[ecmp]
state_file = "{folder / 'state.json'}"

[[port]]
name = "p0"
device = "vdev:net_null0,no-rx=1"
address = "{PORT}/16"

[[listen]]
range = "10.64.0.0/16"
remote_as = {NODE_ASN}
import = "any"

{entries}"""


class World:
    """A router whose port leads nowhere, with static entries of `nexthops` hosts; and `speakers` in a namespace beside it."""

    def __init__(self, run: Run, nexthops: int, speakers: list[Speaker]):
        self.router, nodes = run.namespace("router"), run.namespace("nodes")
        netns.ip("link", "add", "net0", "netns", self.router, "type", "veth", "peer", "name", "net1", "netns", nodes)
        netns.ip("addr", "add", f"{ROUTER}/16", "dev", "net0", ns=self.router)
        netns.ip("link", "set", "net0", "up", ns=self.router)
        netns.ip("link", "set", "net1", "up", ns=nodes)
        netns.ip("route", "add", ROUTER, "dev", "net1", ns=nodes)
        netns.ip("route", "add", "local", "10.64.0.0/16", "dev", "lo", ns=nodes)  # every address of the range is ours
        self.socket = run.folder / "ecmpd.sock"
        (run.folder / "ecmpd.toml").write_text(configuration(run.folder, nexthops))
        run.spawn("router", self.router, [built("ecmpd"), str(run.folder / "ecmpd.toml")])
        wait_until(lambda: api.answers(self.socket), "ecmpd to answer", 60)
        self.swarm = Swarm(nodes, ROUTER, NODE_ASN, speakers)

    def peers(self) -> dict[str, dict]:
        return api.get(self.socket, "show/bgp/summary")["ipv4Unicast"]["peers"]

    def routes(self) -> dict[str, set[str]]:
        """Prefix -> its live nexthops, of what is installed and came by BGP."""
        return {route["prefix"]: {hop["address"] for hop in route["nexthops"] if hop["live"]}
                for route in api.get(self.socket, "show/routes")["routes"] if route["installed"] and route["source"] == "bgp"}  # fmt: skip

    def complete(self, numbers: range) -> bool:
        wanted = {own_prefix(n): {nexthop(n)} for n in numbers} | {SERVICE: {nexthop(n) for n in numbers}}
        return self.routes() == wanted


def test_all_come_up_and_a_flap_of_half_disturbs_nobody(ecmpd):
    everybody, stay, flap = range(SESSIONS), range(SESSIONS // 2), range(SESSIONS // 2, SESSIONS)
    with Run() as run:
        world = World(run, SESSIONS, [Speaker(session_address(n), update(n)) for n in everybody])
        swarm = world.swarm
        swarm.connect(swarm.speakers)
        up = swarm.run_until(lambda: all(s.established for s in swarm.speakers), f"{SESSIONS} sessions", SECONDS)
        there = up + swarm.run_until(lambda: world.complete(everybody), "their routes", SECONDS, every=0.2)

        swarm.disconnect([swarm.speakers[n] for n in flap])
        gone = swarm.run_until(lambda: world.complete(stay), "the routes of those that left to go", SECONDS, every=0.2)
        swarm.connect([swarm.speakers[n] for n in flap])
        back = swarm.run_until(lambda: all(s.established for s in swarm.speakers), "them to be back", SECONDS)
        again = back + swarm.run_until(lambda: world.complete(everybody), "their routes", SECONDS, every=0.2)
        print(f"\n{SESSIONS} sessions established in {up:.2f} s, their routes installed after {there:.2f} s; {len(flap)} leave: "
              f"their routes gone after {gone:.2f} s; they return: established in {back:.2f} s, routes after {again:.2f} s")

        assert {speaker.lost for speaker in swarm.speakers} == {0}
        peers = world.peers()
        assert {peer["state"] for peer in peers.values()} == {"Established"} and len(peers) == SESSIONS
        dropped = {n: peers[session_address(n)]["connectionsDropped"] for n in everybody}
        assert dropped == {n: int(n in flap) for n in everybody}
        swarm.disconnect(swarm.speakers)
