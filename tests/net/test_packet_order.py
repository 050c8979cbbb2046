"""Two workers on ports of two queues: both carry traffic, and no flow overtakes itself.

ORDER_PACKETS says how many packets have to arrive (a thousand flows, numbered by the sender and checked by the
receivers); five minutes are enough in any case.
"""

import json
import os
import subprocess
import time

import pytest

from lab import netns
from lab.lab import SERVICE, Lab
from lab.programs import built
from lab.topology import router_address
from vhost import connect

PACKETS = int(os.environ.get("ORDER_PACKETS", "300000"))
SECONDS = 300
FLOWS = 1000
PORT = "9000"
NODES = {"node1": "bird", "node2": "bird"}


@pytest.fixture(scope="module", params=["af_xdp", "af_packet", "virtio_user"])
def lab(request, ecmpd):
    by_vhost = request.param == "virtio_user"
    # Workers that poll would take both CPUs from senders and receivers.
    dataplane = {"workers": "0,1", "idle": "sleep"}
    with Lab(nodes=NODES, device="tap" if by_vhost else request.param, dataplane=dataplane, queues=2) as lab:
        if by_vhost:
            lab.router.options.devices = connect(lab, queues=2)
        lab.start()
        yield lab


class Receivers:
    def __init__(self, lab):
        argv = [built("sequence"), "receive", SERVICE, PORT]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1}
        self.processes = [lab.run.spawn(f"receive-{n.name}", n.ns, argv, **pipes) for n in lab.nodes.values()]
        self.ask()  # every one is there

    def ask(self) -> list[dict]:
        for process in self.processes:
            process.stdin.write("\n")
        return [json.loads(process.stdout.readline()) for process in self.processes]


def test_both_workers_carry_traffic_and_every_flow_keeps_its_order(lab, record_property):
    # A kernel that asks for its neighbor lets the packets that waited be overtaken by those that did not.
    netns.run(lab.client, "ping", "-c", "1", "-W", "10", router_address(0))
    receivers = Receivers(lab)
    argv = [built("sequence"), "send", str(FLOWS), SERVICE, PORT]
    started = time.monotonic()
    sender = lab.run.spawn("send", lab.client, argv, stdin=subprocess.PIPE)
    received = flows = seconds = 0
    # A sender that is faster than the router may lose everything of a flow for a while.
    while (received < PACKETS or flows < FLOWS) and seconds < SECONDS:
        with pytest.raises(subprocess.TimeoutExpired):  # it does not end by itself
            sender.wait(0.1)
        totals = receivers.ask()
        received, flows = (sum(total[key] for total in totals) for key in ("received", "flows"))
        seconds = time.monotonic() - started
    sender.stdin.close()
    assert sender.wait(10) == 0
    totals = receivers.ask()
    workers = [worker["packets"] for worker in lab.router.ecmpctl("show", "workers")["workers"]]
    said = f"{received} packets in {seconds:.0f} s, {totals}, workers {workers}"
    record_property("order", said)
    print(said)
    assert received > 0 and sum(total["flows"] for total in totals) == FLOWS, said
    assert all(total["reordered"] == 0 for total in totals), said
    assert all(packets > sum(workers) // 5 for packets in workers), said
