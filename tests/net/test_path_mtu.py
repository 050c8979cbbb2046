"""Links of different MTU: packets are fragmented or their senders are told, and what others tell reaches its node.

    far 172.16.0.2 --(1400 towards it)-- client ---- router ---- node 1 ... node 8, the service
                                                         |------ node 2 --(1400 towards it)-- inner 172.17.0.2
                                                         |--(1300, both ends)-- node 9, without the service
"""

import contextlib
import select
import socket
import subprocess
import threading
from collections import Counter

import pytest

from lab import netns
from lab.lab import SERVICE, Lab
from lab.topology import CLIENT_ADDRESS, FAR_DEVICE, node_address, router_address
from test_static import route

SERVING = [f"node{n}" for n in range(1, 9)]
NARROW = 1400
ROUTERS_OWN = 1300
FLOWS = 100
BYTES = 100_000
PORT = 5000


def via(prefix: str, nexthop: str) -> str:
    return f'[[route]]\nprefix = "{prefix}"\nnexthops = [{{ via = "{nexthop}" }}]\n'


def attach(lab: Lab, name: str, to: str, network: str, mtu: int) -> str:
    """A host behind `to`, which forwards; only the link's end at `to` has the MTU, so nobody learns it from TCP."""
    ns = lab.run.namespace(name)
    netns.ip("link", "add", "inner", "netns", to, "type", "veth", "peer", "name", FAR_DEVICE, "netns", ns)
    netns.run(ns, "ethtool", "-K", FAR_DEVICE, "tx", "off")
    netns.run(to, "ethtool", "-K", "inner", "tx", "off")
    netns.ip("addr", "add", f"{network}.1/24", "dev", "inner", ns=to)
    netns.ip("link", "set", "inner", "mtu", str(mtu), "up", ns=to)
    netns.ip("addr", "add", f"{network}.2/24", "dev", FAR_DEVICE, ns=ns)
    netns.ip("link", "set", FAR_DEVICE, "up", ns=ns)
    netns.ip("route", "add", "default", "via", f"{network}.1", ns=ns)
    netns.sysctl(to, "net.ipv4.ip_forward", 1)
    return ns


@pytest.fixture(scope="module")
def lab(ecmpd):
    more = route(SERVICE, dict.fromkeys(range(1, 9), 1))
    more += via("172.16.0.0/16", CLIENT_ADDRESS) + via("172.17.0.0/16", node_address(2))
    nodes = {name: "bird" for name in [*SERVING, "node9"]}
    with Lab(nodes=nodes, more=more, mtu={"node9": ROUTERS_OWN}) as lab:
        lab.far = attach(lab, "far", lab.client, "172.16.0", NARROW)
        lab.inner = attach(lab, "inner", lab.nodes["node2"].ns, "172.17.0", NARROW)
        netns.ip("link", "set", FAR_DEVICE, "mtu", str(ROUTERS_OWN), ns=lab.nodes["node9"].ns)
        lab.start_echoes()
        lab.router.start()
        lab.wait_for(SERVICE, set(SERVING))
        yield lab


def tracepath(ns: str, target: str) -> str:
    command = netns.command(ns, "tracepath", "-n", target)
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


def ping(ns: str, target: str, size: int, *options: str) -> str:
    """`size` is that of the IP packet."""
    command = netns.command(ns, "ping", "-n", "-c", "1", "-W", "10", "-s", str(size - 28), *options, target)
    return subprocess.run(command, capture_output=True, text=True, timeout=60).stdout


def test_tracepath_finds_a_narrow_hop_behind_the_router(lab):
    found = tracepath(lab.client, "172.17.0.2")
    assert f"1:  {router_address(0)}" in found
    assert f"pmtu {NARROW}" in found and f"Resume: pmtu {NARROW} hops 3 back 3" in found, found


def test_tracepath_finds_the_mtu_of_the_routers_own_port(lab):
    found = tracepath(lab.client, node_address(9))
    assert f"pmtu {ROUTERS_OWN}" in found and f"Resume: pmtu {ROUTERS_OWN} hops 2 back 2" in found, found


def test_ping_with_df_is_told_the_mtu(lab):
    netns.ip("route", "flush", "cache", ns=lab.client)
    refused = ping(lab.client, node_address(9), ROUTERS_OWN + 1, "-M", "do")
    assert f"From {router_address(0)}" in refused and f"Frag needed and DF set (mtu = {ROUTERS_OWN})" in refused, refused
    assert " 0% packet loss" in ping(lab.client, node_address(9), ROUTERS_OWN, "-M", "do")


def fragments(lab) -> int:
    return sum(worker["fragments"] for worker in lab.router.ecmpctl("show", "workers")["workers"])


def test_without_df_the_router_fragments(lab):
    netns.ip("route", "flush", "cache", ns=lab.client)
    before = fragments(lab)
    assert " 0% packet loss" in ping(lab.client, node_address(9), 1500, "-M", "dont")
    assert fragments(lab) == before + 1  # one packet in two; the answer comes in two already
    assert " 0% packet loss" in ping(lab.client, node_address(9), 8000, "-M", "dont")


def test_the_router_answers_hosts_behind_others_at_all_its_addresses(lab):
    for n in (0, 2, 9):
        assert " 0% packet loss" in ping(lab.far, router_address(n), 1300), n
    trace = netns.command(lab.far, "traceroute", "-n", "-q", "1", router_address(2))  # ends with a port unreachable
    lines = subprocess.run(trace, capture_output=True, text=True, timeout=60, check=True).stdout.splitlines()
    assert [line.split()[1] for line in lines[1:]] == ["172.16.0.1", router_address(2)]


@contextlib.contextmanager
def sockets_at(lab, kind: socket.SocketKind):
    """A socket of the service on every node: fd -> (socket, node)."""
    found = {}
    try:
        for name in SERVING:
            node = lab.nodes[name]
            with netns.inside(node.ns):
                sock = socket.socket(socket.AF_INET, kind)
            found[sock.fileno()] = (sock, name)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((SERVICE, PORT))
        yield found
    finally:
        for sock, _ in found.values():
            sock.close()


def test_long_datagrams_arrive_whole_at_one_node_and_so_do_the_answers(lab):
    with sockets_at(lab, socket.SOCK_DGRAM) as nodes, netns.inside(lab.client):
        served = Counter()
        for number in range(50):
            data = bytes([number]) * 8000
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.settimeout(10)
                client.connect((SERVICE, PORT))
                client.send(data)
                (ready, *more), _, _ = select.select(list(nodes), [], [], 10)
                assert not more
                sock, name = nodes[ready]
                got, peer = sock.recvfrom(65536)
                assert got == data
                sock.sendto(data[::-1], peer)
                assert client.recv(65536) == data[::-1]
                served[name] += 1
    # Without its ports a datagram in fragments is hashed by addresses alone: one client, one node.
    assert len(served) == 1 and sum(served.values()) == 50


def serve(listener: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(bytes(BYTES))


def told(lab) -> dict[str, int]:
    """How many unreachables each node took in; all of them must be about connections that it has."""
    for name in SERVING:
        assert netns.snmp(lab.nodes[name].ns, "Icmp", "InErrors") == 0, name
    return {name: netns.snmp(lab.nodes[name].ns, "Icmp", "InDestUnreachs") for name in SERVING}


def test_a_download_over_a_narrow_path_learns_of_it_in_every_flow(lab):
    """Every flow has an address of its own: no node knows the path from another flow."""
    before = told(lab)
    with sockets_at(lab, socket.SOCK_STREAM) as nodes, netns.inside(lab.far):
        for sock, _ in nodes.values():
            sock.listen(64)
            threading.Thread(target=serve, args=[sock], daemon=True).start()
        for flow in range(FLOWS):
            source = f"172.16.1.{flow + 1}"
            netns.ip("addr", "add", f"{source}/32", "dev", FAR_DEVICE)
            netns.ip("route", "replace", f"{source}/32", "via", "172.16.0.2", ns=lab.client)
            with socket.create_connection((SERVICE, PORT), 20, (source, 0)) as client:
                got = 0
                while data := client.recv(65536):
                    got += len(data)
            assert got == BYTES, source
        for sock, _ in nodes.values():
            sock.shutdown(socket.SHUT_RDWR)  # ends its thread
    after = told(lab)
    assert sum(after.values()) - sum(before.values()) >= FLOWS
    assert all(after[name] > before[name] for name in SERVING), "the flows spread over all nodes"
