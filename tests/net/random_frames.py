#!/usr/bin/python3
"""Random frames into a running daemon; in the end it must forward as before, and every frame be accounted for.

    random_frames.py [--minutes N | --frames N] [--seed S]     (as root; the daemon of $BUILD)

Frames of both families go into five ports at once: noise, packet cases with bytes changed, packets made by grammar, ARP
and neighbor discovery garbage. A sixth port has a BIRD with a session. No frame may be lost between us and the daemon, so
they go in by batches, each of which the daemon has received before the next one goes.
Judged: received = sent by us, for each port; transmitted = what the far end's kernel counted, for each port; received +
injected + fragments = transmitted + punted + dropped; the session is the one that it was; the kernel of the router has
learned no routes; packet cases are forwarded byte by byte; and the daemon ends with status 0 (also by the word of its
sanitizers). Prints what it did, or what is wrong, with the seed.
"""

import argparse
import copy
import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from fuzzer import Fuzzer
from lab import netns
from lab.errors import LabError
from lab.programs import built
from lab.speakers import SPEAKERS, NodePlace
from lab.topology import FAR_DEVICE
from lab.wait import wait_until
from world import Daemon, balance, received, wait_readable

BATCH = 400
PATIENCE = 60
PEER = {"name": "peer", "mac": "02:00:00:00:10:05", "mtu": 1500, "addresses": ["10.0.5.1/24"]}
PEER_ADDRESS, PEER_SERVICE = "10.0.5.11", "203.0.115.10"


class Trouble:
    """A daemon in the world, with a BGP peer on one port more, and a fuzzer on the others."""

    def __init__(self, exported: dict, seed: int):
        world = copy.deepcopy(exported["world"])
        self.fuzzed = range(len(world["ports"]))
        world["ports"].append(PEER)
        world["sessions"].append("10.0.5.0/24")
        cases = [c for c in exported["setups"][0]["cases"] if not c["not_sendable"]]
        # Port N of the cases is port N here; what is punted or waits is answered by a kernel that is not mute here.
        self.probes = [c for c in cases if c["frames"] and not c["punt"]][::10]
        macs = [bytes.fromhex(world["ports"][port]["mac"].replace(":", "")) for port in self.fuzzed]
        longest = [14 + world["ports"][port]["mtu"] for port in self.fuzzed]
        self.fuzzer = Fuzzer(seed, macs, [bytes.fromhex(case["frame"]) for case in cases], longest)
        self.sent = Counter()
        self.daemon = Daemon(world, {"key": exported["setups"][0]["key"]}, mute=False)

    def start_session(self) -> None:
        daemon = self.daemon
        ns = daemon.run.namespace("peer")
        netns.ip("link", "set", f"f{len(self.fuzzed)}", "netns", ns, "name", FAR_DEVICE, ns=daemon.far)
        netns.ip("link", "set", FAR_DEVICE, "arp", "on", ns=ns)
        netns.ip("addr", "add", f"{PEER_ADDRESS}/24", "dev", FAR_DEVICE, ns=ns)
        netns.ip("link", "set", FAR_DEVICE, "up", ns=ns)
        place = NodePlace("peer", ns, PEER_ADDRESS, "10.0.5.1", [PEER_SERVICE])
        SPEAKERS["bird"](daemon.run, place).start()

        def installed() -> bool:
            routes = {route["prefix"]: route for route in daemon.ctl("show", "routes")["routes"]}
            return routes.get(f"{PEER_SERVICE}/32", {}).get("installed", False)

        wait_until(installed, "the peer's route", PATIENCE)

    def session(self) -> dict:
        """What must not change: its state, and how often it came up."""
        peer = self.daemon.ctl("show", "bgp", "summary")["ipv4Unicast"]["peers"][PEER_ADDRESS]
        return {key: peer[key] for key in ("state", "connectionsEstablished", "connectionsDropped", "pfxRcd")}

    def kernel_routes(self) -> str:
        ns = self.daemon.router
        return netns.ip("route", "show", ns=ns) + netns.ip("-6", "route", "show", ns=ns)

    def rx(self) -> dict[str, int]:
        return {row["name"]: row["rx_packets"] for row in self.daemon.show("ports")}

    def batch(self) -> None:
        for _ in range(BATCH):
            port = self.fuzzer.rng.choice(self.fuzzed)
            frame = self.fuzzer.frame(port)
            self.daemon.ends[port].send(frame)
            self.sent[port] += 1
        try:
            wait_until(self._all_received, "the daemon to receive what was sent", PATIENCE, poll=0.005)
        except LabError as error:
            raise LabError(f"{error}\n{self.arrivals()}\n{self.daemon.run.tail('router', 20)}") from None
        for port in self.fuzzed:
            received(self.daemon.ends[port])

    def _all_received(self) -> bool:
        if self.daemon.process.poll() is not None:
            log = self.daemon.run.log("router").read_text(errors="replace")
            raise LabError(f"the daemon ended with status {self.daemon.process.returncode}:\n{log[-8000:]}")
        rx = self.rx()
        if all(rx[self.daemon.world["ports"][port]["name"]] >= count for port, count in self.sent.items()):
            return True
        # A frame that the kernel or the device had no room for is counted there.
        return all(row["sent"] == row["received"] + row["missed"] + row["no room"] for row in self.arrivals())

    def arrivals(self) -> list[dict]:
        """By port: what we sent, and where it was counted."""
        shown = {row["name"]: row for row in self.daemon.show("ports")}
        out = []
        for port, count in sorted(self.sent.items()):
            row = shown[self.daemon.world["ports"][port]["name"]]
            link = json.loads(netns.ip("-j", "-s", "link", "show", f"v{port}", ns=self.daemon.router))[0]["stats64"]["rx"]
            out.append({"port": port, "sent": count, "received": row["rx_packets"], "missed": row["rx_missed"],
                        "no room": link["dropped"], "kernel": link["packets"]})  # fmt: skip
        return out

    def problems(self, before: dict, routes: str) -> list[str]:
        daemon = self.daemon
        out = []
        for row in self.arrivals():
            if row["sent"] != row["received"] + row["missed"] + row["no room"]:
                out.append(f"not all that was sent is accounted for: {row}")
        wait_until(lambda: balance(daemon.totals()) == 0, f"the sum to be right: {daemon.totals()}", PATIENCE)
        for port in self.fuzzed:
            wait_until(lambda port=port: self._sent_equals_seen(port), f"port {port}'s frames at its far end", PATIENCE)
        if (session := self.session()) != before:
            out.append(f"the session was {before} and is {session}")
        if self.kernel_routes() != routes:
            out.append(f"the kernel has other routes: {self.kernel_routes()}")
        return out + [f"not forwarded any more: {c['table']}: {c['why']}" for c in self.probes if not self.forwards(c)]

    def _sent_equals_seen(self, port: int) -> bool:
        link = json.loads(netns.ip("-j", "-s", "link", "show", f"f{port}", ns=self.daemon.far))[0]
        sent = {row["name"]: row["tx_packets"] for row in self.daemon.show("ports")}
        return link["stats64"]["rx"]["packets"] == sent[self.daemon.world["ports"][port]["name"]]

    def forwards(self, case: dict) -> bool:
        """What a router originates has an identification of its own; such frames are known by their quote."""
        wanted = Counter((f["port"], bytes.fromhex(f["hex"])[42 if f["any_id"] else 0 :]) for f in case["frames"])
        skip = 42 if any(f["any_id"] for f in case["frames"]) else 0
        self.daemon.ends[case["port"]].send(bytes.fromhex(case["frame"]))
        deadline = time.monotonic() + PATIENCE
        while wanted and time.monotonic() < deadline:
            for port in self.fuzzed:
                for frame in received(self.daemon.ends[port]):
                    wanted -= Counter([(port, frame[skip:])])
            if wanted:
                wait_readable([self.daemon.ends[port] for port in self.fuzzed], deadline)
        return not wanted


def export(folder: Path) -> dict:
    path = folder / "cases.json"
    subprocess.run([built("export_packet_cases"), str(path)], check=True, capture_output=True, timeout=60)
    return json.loads(path.read_text())


def run(exported: dict, seed: int, seconds: float = 0, frames: int = 0, say=print) -> list[str]:
    """Until both are over. Returns what is wrong."""
    trouble = Trouble(exported, seed)
    with trouble.daemon as daemon:
        trouble.start_session()
        before, routes = trouble.session(), trouble.kernel_routes()
        begin = time.monotonic()
        spoken = begin
        while time.monotonic() < begin + seconds or trouble.sent.total() < frames:
            trouble.batch()
            if time.monotonic() > spoken + 60:
                spoken = time.monotonic()
                say(f"{trouble.sent.total()} frames after {spoken - begin:.0f} s")
        out = trouble.problems(before, routes)
        say(f"{trouble.sent.total()} frames in {time.monotonic() - begin:.0f} s, seed {seed}: {daemon.totals()}")
        say(", ".join(f"{reason} {count}" for reason, count in daemon.drops().items() if count))
        status = daemon.run.stop("router", seconds=60)
        if status != 0:
            log = daemon.run.log("router").read_text(errors="replace")
            out.append(f"the daemon ended with status {status}:\n{log[-8000:]}")
    return out


def main() -> int:
    parser = argparse.ArgumentParser(description="Random frames into a running daemon.")
    parser.add_argument("--minutes", type=float, default=0)
    parser.add_argument("--frames", type=int, default=0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    arguments = parser.parse_args()
    if not arguments.minutes and not arguments.frames:
        parser.error("--minutes or --frames is needed")
    folder = Path("/tmp") / f"random-frames-{arguments.seed}"
    folder.mkdir(exist_ok=True)
    problems = run(export(folder), arguments.seed, arguments.minutes * 60, arguments.frames,
                   say=lambda text: print(text, flush=True))  # fmt: skip
    for problem in problems:
        print(f"seed {arguments.seed}: {problem}")
    print("nothing found" if not problems else f"{len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
