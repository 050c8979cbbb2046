"""ecmpd on two of DPDK's virtual devices: what it forwards, byte for byte, and that every packet is accounted for."""

import sys

import pytest

from lab.programs import ROOT
from lab.run import Run
from lab.wait import wait_until

sys.path.insert(0, str(ROOT / "bench"))

from pollmode import check, frames, router  # noqa: E402
from pollmode.forwarding import forward_once  # noqa: E402

FLOWS = 1000


@pytest.fixture
def run(ecmpd):
    with Run() as run:
        yield run


def test_every_flow_once_through_both_ports(run):
    assert forward_once(run, run.namespace("poll"), frames.make_flows(FLOWS)) == []


def test_an_endless_stream_without_drops(run):
    devices = router.endless(router.write_inputs(run.folder, frames.make_flows(FLOWS)))
    program = router.Ecmpd(run, run.namespace("poll"), devices)
    assert program.get("show/workers")["workers"][0]["idle"] == "poll"
    before = program.totals()
    wait_until(lambda: program.totals().rx >= before.rx + 1_000_000, "a million packets", 30)
    assert check.running(before, program.totals()) == []
    program.close()


def test_drops_are_named_and_in_the_sum(run):
    """Of three flows, one has a TTL that ends here, and one a wrong checksum."""
    flow, expiring, broken = frames.make_flows(3)
    packets = [
        frames.frame(flow, router.port_mac(0)),
        frames.frame(expiring, router.port_mac(0), ttl=1),
        bytearray(frames.frame(broken, router.port_mac(0))),
    ]
    packets[2][24] ^= 1
    inputs = [run.folder / "in0.pcap", run.folder / "in1.pcap"]
    frames.write_pcap(inputs[0], packets)
    frames.write_pcap(inputs[1], [])
    outputs = [run.folder / "out0.pcap", run.folder / "out1.pcap"]
    program = router.Ecmpd(run, run.namespace("poll"), router.once(inputs, outputs))
    wait_until(lambda: program.totals().rx == 3 and program.totals().balance == 0, "every packet to leave", 30)
    totals = program.totals()
    # The ICMP error about the first has nowhere to go: nobody announced the sender's network.
    assert totals.drops == {"ttl_expired": 1, "ipv4_checksum": 1, "no_route": 1}
    assert sum(totals.tx) == 1
    member = next(m for m in router.MEMBERS if m.address == program.explain(flow))
    program.close()
    sent = [list(frames.read_pcap(path)) for path in outputs]
    assert sent[member.port] == [frames.forwarded(flow, member.mac, router.port_mac(member.port))]
    assert sent[1 - member.port] == []


def test_the_check_sees_wrong_frames(tmp_path):
    """The judge of the tests above, on files made by hand."""
    flows = frames.make_flows(2)
    member = router.MEMBERS[0]
    good = [frames.forwarded(flow, member.mac, router.port_mac(0)) for flow in flows]
    outputs = [tmp_path / "out0.pcap", tmp_path / "out1.pcap"]

    def judge(first: list[bytes], second: list[bytes], explained: dict[int, str] | None = None) -> list[str]:
        frames.write_pcap(outputs[0], first)
        frames.write_pcap(outputs[1], second)
        return check.outputs(outputs, flows, explained or {})

    assert judge(good * 2, []) == []
    assert any("explained" in problem for problem in judge(good * 2, [], {1: router.MEMBERS[1].address}))
    assert any("came in at" in problem for problem in judge(good, []))  # each flow lost once
    assert any("port p1 sent" in problem for problem in judge(good, good))  # by the wrong port
    old_ttl = frames.frame(flows[0], member.mac, router.port_mac(0))
    assert any("expected" in problem for problem in judge([*good, old_ttl, good[1]], []))
