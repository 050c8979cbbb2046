"""What an operator sees of packets on their way: rates."""

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import ARP, Ether

from lab.lab import SERVICE
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
