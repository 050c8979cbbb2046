"""Does ecmpd forward rightly what it forwards fast? Every function returns what is wrong, as sentences; none is fine."""

from collections import defaultdict
from pathlib import Path

from lab.binomial import band
from lab.wait import wait_until

from .frames import Flow, flow_number, forwarded, read_pcap
from .router import MEMBERS, PORTS, Ecmpd, Totals, mac_text, port_mac

_MEMBER_OF = {member.mac: member for member in MEMBERS}
_MULTICAST6 = b"\x33\x33"  # with IPv6 addresses the kernel's twin of a port says MLD and ND on its own


def running(before: Totals, after: Totals, ipv6: bool = False) -> list[str]:
    """Two looks at a router that never rests: nothing dropped, nothing lost, both ports send."""
    problems = [f"{count} packets dropped: {reason}" for reason, count in after.drops.items()]
    if after.missed:
        problems.append(f"{after.missed} packets missed by the devices")
    if (after.injected and not ipv6) or after.punted:
        problems.append(f"packets of the router's own: {after.injected} sent, {after.punted} received")
    problems += [f"port p{port} sends nothing" for port in range(PORTS) if after.tx[port] <= before.tx[port]]
    # The second look comes later than a whole poll after the first: what was in flight then has left.
    if before.rx + before.injected > sum(after.tx) + after.punted + sum(after.drops.values()):
        problems.append(f"lost: {before.rx} received, later only {sum(after.tx)} sent")
    if sum(before.tx) + before.punted > after.rx + after.injected:
        problems.append(f"sent more than received: {sum(before.tx)} against {after.rx} later")
    return problems


def at_rest(router: Ecmpd, packets: int, ipv6: bool = False) -> list[str]:
    """The accounting sum, exactly, after a known number of packets."""
    wait_until(lambda: router.totals().rx >= packets and router.totals().balance == 0, "every packet to leave", 30)
    totals = router.totals()
    problems = [f"{count} packets dropped: {reason}" for reason, count in totals.drops.items()]
    own = totals.injected if ipv6 else 0
    if (totals.rx, sum(totals.tx), totals.punted, totals.injected) != (packets, packets + own, 0, own):
        problems.append(f"{packets} packets went in: {totals}")
    return problems


def outputs(paths: list[Path], flows: list[Flow], explained: dict[int, str]) -> list[str]:
    """What each port sent, byte for byte, when every flow had come in once at every port.

    `explained`: for some flows, the member that the router says it takes.
    """
    problems = []
    taken: dict[int, list[str]] = defaultdict(list)
    for port, path in enumerate(paths):
        for packet in read_pcap(path):
            if flows[0].ipv6 and packet.startswith(_MULTICAST6):
                continue
            member = _MEMBER_OF.get(packet[:6])
            if member is None or member.port != port:
                problems.append(f"port p{port} sent a frame to {mac_text(packet[:6])}")
                continue
            number = flow_number(packet)
            expected = forwarded(flows[number], member.mac, port_mac(port)) if number < len(flows) else b""
            if packet != expected:
                problems.append(f"flow {number}: sent {packet.hex()}, expected {expected.hex()}")
            taken[number].append(member.nexthop(flows[0].ipv6))
    for flow in flows:
        members = taken[flow.number]
        if len(members) != PORTS or len(set(members)) != 1:
            problems.append(f"flow {flow.number} came in at {PORTS} ports and went to {members}")
        elif explained.get(flow.number, members[0]) != members[0]:
            problems.append(f"flow {flow.number} is explained as {explained[flow.number]}, went to {members[0]}")
    return problems + _shares(taken, [member.nexthop(flows[0].ipv6) for member in MEMBERS])


def _shares(taken: dict[int, list[str]], addresses: list[str]) -> list[str]:
    """Flows of each member against Binomial(flows, 1/members), 99.99 %."""
    low, high = band(len(taken), len(addresses))
    counts = dict.fromkeys(addresses, 0)
    for members in taken.values():
        counts[members[0]] += 1
    return [
        f"{address} has {count} of {len(taken)} flows; chance allows {low} to {high}"
        for address, count in counts.items()
        if not low <= count <= high
    ]
