"""A big table with the lengths and attributes of the Internet's, from an MRT file through GoBGP: all of it is installed, and
all of it goes with the session."""

import ipaddress
import random

import pytest

import mrt_table
from lab import api
from lab.errors import LabError
from lab.lab import Lab
from lab.programs import installed
from lab.speakers.base import NODE_ASN
from lab.topology import add_ipv6, node_address, node_address6
from lab.wait import wait_until

COUNT = {4: 50_000, 6: 10_000}
SETS = 5_000
SAMPLES = 100  # of each family
SECONDS = 300  # on a machine that does much else
NODE = node_address(1)
NEXTHOP = {4: NODE, 6: node_address6(1)}
NEIGHBOR = f"""
[[neighbor]]
address = "{NODE}"
remote_as = {NODE_ASN}
passive = true
import = "any"
"""
FAMILIES = "".join(f"""  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "{name}"
""" for name in ("ipv4-unicast", "ipv6-unicast"))
# GoBGP's client ends without waiting for the daemon, which then drops what it has not read yet: the end of the file.
PADDING = 5_000


@pytest.fixture(scope="module")
def lab(ecmpd):
    lab = Lab(nodes={"node1": "gobgp"}, services=(), ipv6=True, more=NEIGHBOR)
    try:
        add_ipv6(lab.topology, [])
        speaker = lab.nodes["node1"].speaker
        usual = speaker.config()
        speaker.config = lambda: usual + FAMILIES
        lab.start()
        yield lab
    finally:
        lab.run.close()


def made_up(chance: random.Random) -> dict[int, dict]:
    sets = mrt_table.attribute_sets(SETS, chance)
    return {version: {prefix: chance.choice(sets) for prefix in mrt_table.prefixes(version, count, chance)}
            for version, count in COUNT.items()}  # fmt: skip


def inject(lab, version: int, table: dict) -> None:
    """Until the daemon has all of it, which may take a second time for the end of it."""
    speaker, gobgp = lab.nodes["node1"].speaker, installed("gobgp")
    file = lab.run.folder / f"table{version}.mrt"
    routes = list(table.items())

    def there() -> int:
        summary = speaker.control(gobgp, "global", "rib", "summary", "-a", f"ipv{version}")
        return int(summary.split("Destination:")[1].split(",")[0])

    def complete() -> bool:
        left = routes[there() :]
        if not left:
            return True
        mrt_table.write(file, left + routes[:PADDING], NODE, NODE_ASN, NEXTHOP[version])
        client = lab.run.spawn("inject", lab.nodes["node1"].ns, [gobgp, "mrt", "inject", "global", str(file)])
        if client.wait(SECONDS):
            raise LabError(f"gobgp mrt inject: {lab.run.tail('inject')}")
        del lab.run.processes["inject"]
        return False

    wait_until(complete, f"{len(routes)} prefixes to be in gobgpd", SECONDS)


def of_bgp(lab) -> set[str]:
    return {route["prefix"] for route in api.get(lab.router.socket, "show/routes")["routes"]
            if route["source"] == "bgp" and route["installed"]}  # fmt: skip


def answered(lab, what: object) -> str | None:
    """The prefix of the route to a prefix, or of the longest that matches an address; None without one."""
    status, body = api.ask(lab.router.socket, "show/routes", prefix=what)
    assert status in (200, 404), body
    return body["routes"][0]["prefix"] if status == 200 else None


def longest(table: dict, address) -> str | None:
    covering = (ipaddress.ip_network((address, length), strict=False) for length in range(address.max_prefixlen, 0, -1))
    return next((str(one) for one in covering if one in table), None)


def test_a_big_table_is_installed_and_goes(lab):
    chance = random.Random(20240229)
    tables = made_up(chance)
    for version, table in tables.items():
        inject(lab, version, table)
    everything = {str(prefix) for table in tables.values() for prefix in table}

    def received() -> dict:
        families = lab.router.ecmpctl("show", "bgp", "summary")
        peers = {version: families.get(f"ipv{version}Unicast", {}).get("peers", {}) for version in tables}
        return {version: peers[version].get(NODE, {}).get("pfxRcd") for version in tables}

    sizes = {version: len(table) for version, table in tables.items()}
    wait_until(lambda: received() == sizes, f"{len(everything)} prefixes from gobgpd", SECONDS)
    wait_until(lambda: len(of_bgp(lab)) == len(everything), "them to be installed", SECONDS, poll=0.5)
    assert of_bgp(lab) == everything

    for version, table in tables.items():
        for prefix in chance.sample(list(table), SAMPLES):
            [route] = lab.router.ecmpctl("show", "routes", str(prefix))["routes"]
            assert route["prefix"] == str(prefix) and route["installed"]
            assert [(hop["address"], hop["live"]) for hop in route["nexthops"]] == [(NEXTHOP[version], True)]
            [path] = route["paths"]
            assert path["aspath"] == " ".join(map(str, (NODE_ASN, *table[prefix].as_path)))
            assert path["community"] == list(table[prefix].communities)
        for prefix in mrt_table.prefixes(version, SAMPLES, chance):
            assert answered(lab, prefix) == (str(prefix) if prefix in table else None)
            assert answered(lab, prefix.network_address) == longest(table, prefix.network_address)

    lab.nodes["node1"].speaker.stop()
    wait_until(lambda: not of_bgp(lab), "all of them to go", SECONDS)
    assert received() == dict.fromkeys(tables, 0)
