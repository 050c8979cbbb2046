"""What an operator sees of packets on their way: rates, traces, captures."""

import json
import os
import signal
import subprocess
import time

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.utils import rdpcap

from lab.lab import SERVICE
from lab.programs import built
from lab.topology import CLIENT_ADDRESS, router_address
from lab.wait import wait_until
from wire import Wire


@pytest.fixture(scope="module")
def lab(make_lab):
    return make_lab()


@pytest.fixture(scope="module")
def wire(lab):
    with Wire(lab.client) as wire:
        yield wire


@pytest.fixture(scope="module")
def router(wire):
    """The MAC address of the router's port."""
    return wire.ask(ARP(op="who-has", psrc=CLIENT_ADDRESS, pdst=router_address(0)), "ff:ff:ff:ff:ff:ff")[ARP].hwsrc


def test_rates_follow_the_traffic(lab, wire, router):
    good = bytes(Ether(src=wire.mac, dst=router) / IP(src=CLIENT_ADDRESS, dst=SERVICE) / UDP(sport=9, dport=9))
    lost = bytes(Ether(src=wire.mac, dst=router) / IP(src=CLIENT_ADDRESS, dst=SERVICE, ttl=1) / UDP(sport=9, dport=9))

    def row(what: str, **which: str) -> dict:
        rows = lab.router.ecmpctl("show", what)[what]
        return next(row for row in rows if all(row[key] == value for key, value in which.items()))

    def seen() -> bool:
        for _ in range(200):
            wire.put(good)
            wire.put(lost)
        port, drop = row("ports", name="client"), row("drops", reason="ttl_expired")
        worker = row("workers")
        return (
            (port["rx_packets_per_second"] or 0) > 100
            and port["rx_bits_per_second"] > 8 * 42 * 100
            and (drop["per_second"] or 0) > 50
            and worker["packets_per_second"] > 100
            and worker["packets_per_burst"] >= 1
            and worker["cycles_per_packet"] > 0
            and 0 <= worker["idle_share"] <= 1
        )

    wait_until(seen, "rates of what comes in", 20)
    wait_until(lambda: row("drops", reason="ttl_expired")["per_second"] == 0, "the rate to fall to 0", 20)
    assert set(row("workers")["kernels"].values()) <= {"scalar", "avx2", "avx512"}


def watching(lab, *words: str) -> subprocess.Popen:
    ctl = [built("ecmpctl"), "--socket", str(lab.router.socket)]
    return subprocess.Popen([*ctl, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def tracing(lab, *words: str) -> tuple[subprocess.Popen, str]:
    """A trace that goes on, and what it says when it begins."""
    process = watching(lab, "trace", "--json", *words)
    return process, process.stdout.read(len('{"trace":['))


def capturing(lab, file, *words: str) -> subprocess.Popen:
    """A capture that goes on: the file's header is there."""
    process = watching(lab, "capture", str(file), *words)
    wait_until(lambda: file.exists() and file.stat().st_size, "the capture to begin", 20)
    return process


def udp(wire, router, port: int, **ip) -> bytes:
    return bytes(
        Ether(src=wire.mac, dst=router)
        / IP(**{"src": CLIENT_ADDRESS, "dst": SERVICE, **ip})
        / UDP(sport=port, dport=9)
        / b"payload"
    )


def test_a_trace_agrees_with_explain(lab, wire, router):
    trace, begin = tracing(lab, "3", "--port", "client", "udp", "dst", "port", "9")
    for frame in (udp(wire, router, 40001), udp(wire, router, 40002, ttl=1), udp(wire, router, 40003, dst="192.0.2.9")):
        wire.put(frame)
    output, errors = trace.communicate(timeout=20)
    assert trace.returncode == 0, errors
    packets = json.loads(begin + output)["trace"]
    assert [packet["sport"] for packet in packets] == [40001, 40002, 40003]
    assert [packet["reason"] for packet in packets] == [None, "ttl_expired", "no_route"]
    assert all(packet["in"] == "client" for packet in packets)
    sent = packets[0]
    told = lab.router.ecmpctl("explain", CLIENT_ADDRESS, SERVICE, "udp", "40001", "9")
    for key in ("prefix", "group", "key", "hash", "bucket", "buckets", "nexthop", "port", "mac", "verdict"):
        assert sent[key] == told[key], key
    assert (sent["hops"], sent["hops_out"]) == (64, 63)


def test_one_at_a_time(lab, wire, router):
    trace, _ = tracing(lab, "1", "udp", "src", "port", "40009")
    other = lab.router.try_ecmpctl("trace", "1")
    assert (other.returncode, "a trace is going on" in other.stderr) == (1, True)
    wire.put(udp(wire, router, 40009))
    assert trace.wait(timeout=20) == 0
    assert lab.router.try_ecmpctl("trace", "1", "--timeout", "1", "udp", "port", "1").returncode == 0


@pytest.mark.parametrize(
    "words, status, why",
    [(("--count", "0"), 2, "count"), (("no", "such", "filter"), 2, "filter"), (("udp", "port", "1"), 1, "a trace is going on")],
)
def test_a_capture_that_is_refused_leaves_the_file_alone(lab, wire, router, tmp_path, words, status, why):
    file = tmp_path / "older.pcapng"
    file.write_text("older")
    trace, _ = tracing(lab, "1", "udp", "src", "port", "40010")
    done = lab.router.try_ecmpctl("capture", str(file), *words)
    assert (done.returncode, why in done.stderr) == (status, True), done.stderr
    assert file.read_text() == "older"
    wire.put(udp(wire, router, 40010))
    assert trace.wait(timeout=20) == 0


def test_a_capture_into_a_folder_says_so(lab, tmp_path):
    done = lab.router.try_ecmpctl("capture", str(tmp_path))
    assert (done.returncode, done.stderr) == (1, f"ecmpctl: {tmp_path}: Is a directory\n")


def test_a_trace_ends_at_its_timeout(lab):
    began = time.monotonic()
    done = lab.router.try_ecmpctl("trace", "5", "--timeout", "1", "udp", "port", "1")
    assert done.returncode == 0
    assert json.loads(done.stdout) == {"trace": [], "lost": 0}
    assert time.monotonic() - began < 15


def test_a_capture_has_both_directions_and_the_drops(lab, wire, router, tmp_path):
    file = tmp_path / "out.pcapng"
    capture = capturing(lab, file, "udp", "dst", "port", "9")
    sent = [udp(wire, router, 41000 + n) for n in range(20)]
    lost = udp(wire, router, 42000, ttl=1)
    for frame in [*sent, lost]:
        wire.put(frame)
    # The file is written while packets come: each frame in and out, and the one that is dropped.
    wait_until(lambda: file.stat().st_size and len(rdpcap(str(file))) == 41, "41 packets in the file", 20)
    capture.send_signal(signal.SIGINT)
    _, errors = capture.communicate(timeout=20)
    assert (capture.returncode, errors) == (0, "41 packets\n")
    frames = [bytes(frame) for frame in rdpcap(str(file))]
    assert [frame for frame in frames if frame in sent] == sent
    assert frames.count(lost) == 1
    out = [Ether(frame) for frame in frames if frame not in sent and frame != lost]
    assert sorted(frame[UDP].sport for frame in out) == list(range(41000, 41020))
    assert {frame[IP].ttl for frame in out} == {63}
    assert b"dropped: ttl_expired" in file.read_bytes()
    shown = subprocess.run(["tcpdump", "-nr", str(file)], capture_output=True, text=True, timeout=20)
    assert shown.returncode == 0 and len(shown.stdout.splitlines()) == 41, shown.stderr


def test_a_capture_ends_after_its_count(lab, wire, router, tmp_path):
    file = tmp_path / "out.pcapng"
    capture = capturing(lab, file, "--count", "4", "--snaplen", "34", "--json", "udp", "dst", "port", "9")
    for n in range(10):
        wire.put(udp(wire, router, 41000 + n))
    output, errors = capture.communicate(timeout=20)
    assert capture.returncode == 0, errors
    assert json.loads(output) == {"packets": 4, "lost": 0}
    assert [len(bytes(frame)) for frame in rdpcap(str(file))] == [34] * 4


def test_who_may_not_ask_learns_who_may(lab):
    """Root without its capability to pass over modes stands for a user without permission."""
    socket = lab.router.socket
    command = [built("ecmpctl"), "--socket", str(socket), "show", "hash"]
    os.chown(socket, 65534, 65534)
    try:
        done = subprocess.run(["setpriv", "--bounding-set", "-dac_override,-dac_read_search", *command],
                              capture_output=True, text=True, timeout=20)  # fmt: skip
    finally:
        os.chown(socket, 0, 0)
    why = f"ecmpctl: {socket}: Permission denied (root and the group nogroup may ask ecmpd)\n"
    assert (done.returncode, done.stderr) == (3, why)
