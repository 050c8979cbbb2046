"""The check before a measurement: each flow once through both ports, with every frame that leaves written down."""

from lab.run import Run

from . import check
from .frames import Flow
from .router import PORTS, Ecmpd, mac_text, once, port_mac, write_inputs

_EXPLAINED = 256  # of the flows


def forward_once(run: Run, ns: str, flows: list[Flow]) -> list[str]:
    """What is wrong with it; nothing when all is right. Starts an ecmpd of its own."""
    inputs = write_inputs(run.folder, flows)
    outputs = [run.folder / f"out{port}.pcap" for port in range(PORTS)]
    ipv6 = flows[0].ipv6
    router = Ecmpd(run, ns, once(inputs, outputs), ipv6)
    try:
        expected = [mac_text(port_mac(port)) for port in range(PORTS)]
        if router.macs() != expected:
            return [f"the ports have the MACs {router.macs()}; the frames are addressed to {expected}"]
        problems = check.at_rest(router, PORTS * len(flows), ipv6)
        explained = {flow.number: router.explain(flow) for flow in flows[:: max(1, len(flows) // _EXPLAINED)]}
    finally:
        router.close()
    return problems + check.outputs(outputs, flows, explained)
