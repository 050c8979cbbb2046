"""ecmplab explain and follow: one question asked in different ways has one answer."""
import json
import struct

import pytest

ROUTER = ["--nexthop", "10.0.1.11,10.0.1.12=2,10.0.2.11", "--seed", "7"]
FLOW = ["192.0.2.7", "203.0.113.10", "tcp", "40000", "80"]
ADDRESSES = "c0000207cb00710a"
PACKET = "4500001c123440004006 0000" + ADDRESSES + "9c400050 00000001"


def answer(ecmplab, *words):
    done = ecmplab("explain", *words, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_tuple_packet_frame_and_capture_have_one_answer(ecmplab, tmp_path):
    by_tuple = answer(ecmplab, *FLOW, *ROUTER)
    assert by_tuple["key"] == "00 06 00 00 c0 00 02 07 cb 00 71 0a 9c 40 00 50"
    assert answer(ecmplab, "--packet", PACKET, *ROUTER) == by_tuple
    frame = "020000000001 020000000002 8100 0005 0800" + PACKET
    assert answer(ecmplab, "--packet", frame, *ROUTER) == by_tuple

    bytes_ = bytes.fromhex(frame)
    arp = bytes(12) + b"\x08\x06" + bytes(28)
    capture = tmp_path / "one.pcap"
    capture.write_bytes(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1) + b"".join(
        struct.pack("<IIII", 0, 0, len(each), len(each)) + each for each in (arp, bytes_)))
    frames = answer(ecmplab, "--pcap", str(capture), *ROUTER)["frames"]
    assert [each["frame"] for each in frames] == [1, 2]
    assert frames[0]["key"] is None
    assert {key: frames[1][key] for key in ("key", "hash", "bucket", "nexthop", "home")} == {
        key: by_tuple[key] for key in ("key", "hash", "bucket", "nexthop", "home")}
    assert frames[1]["flow"] == "tcp 192.0.2.7:40000 -> 203.0.113.10:80"


def test_a_capture_that_is_cut_off_counts_up_to_there(ecmplab, tmp_path):
    frame = bytes.fromhex(PACKET)
    capture = tmp_path / "cut.pcap"
    capture.write_bytes((struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101) + 3 * (
        struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame))[:-5])
    for words, frames in (["explain", *ROUTER], lambda answer: len(answer["frames"])), (["spread"], lambda answer: answer["frames"]):
        done = ecmplab(*words, "--pcap", str(capture), "--json")
        answered = json.loads(done.stdout)
        assert (done.returncode, frames(answered)) == (0, 2)
        assert answered["warning"].startswith(f"{capture}: cut off in frame 3, the 2 before it count")
        assert done.stderr == f"ecmplab: warning: {answered['warning']}\n"


def test_an_icmp_error_is_explained_as_its_connection(ecmplab):
    error = "45000038 00004000 4001 0000 0a636363 cb00710a 0304000000000000" \
            "4500001c 00004000 4006 0000 cb00710a c0000207 0050 9c40 00000000"
    by_packet = answer(ecmplab, "--packet", error, *ROUTER)
    assert by_packet == answer(ecmplab, *FLOW, *ROUTER)


def test_a_member_that_is_down_loses_its_flows_to_the_next_choice(ecmplab):
    before = answer(ecmplab, *FLOW, *ROUTER)
    assert before["preference"][0] == before["nexthop"] == before["home"]
    after = answer(ecmplab, *FLOW, *ROUTER, "--down", before["nexthop"])
    assert after["home"] == before["nexthop"]
    assert after["nexthop"] == before["preference"][1]
    everybody = answer(ecmplab, *FLOW, *ROUTER, "--down", "10.0.1.11,10.0.1.12,10.0.2.11")
    assert (everybody["nexthop"], everybody["bucket"]) == (None, None)


@pytest.mark.parametrize("selector", ["resilient", "modulo", "maglev", "hash-threshold", "rendezvous"])
def test_ports_that_reach_a_member_do(ecmplab, selector):
    words = [*ROUTER, "--selector", selector]
    ports = answer(ecmplab, *FLOW[:3], "0", "80", *words, "--reach", "10.0.1.12", "--count", "3")["ports"]
    assert len(ports) == 3
    reached = {port["sport"] for port in ports}
    for port in range(1024, max(reached) + 1):
        flow = [*FLOW[:3], str(port), "80"]
        assert (answer(ecmplab, *flow, *words)["nexthop"] == "10.0.1.12") == (port in reached)


def test_a_group_of_a_router_is_taken_from_its_json(ecmplab, tmp_path):
    group = tmp_path / "group.json"
    group.write_text(json.dumps({"selector": "resilient", "seed": 7, "buckets": 256, "members": [
        {"address": "10.0.1.11"}, {"address": "10.0.1.12", "weight": 2}, {"address": "10.0.2.11"}]}))
    by_file = answer(ecmplab, *FLOW, "--group", str(group))
    assert by_file == answer(ecmplab, *FLOW, *ROUTER, "--buckets", "256")


def test_follow_says_what_a_key_costs(ecmplab):
    def fractions(key):
        done = ecmplab("follow", "--key", key, "--connections", "2000", "--json")
        assert done.returncode == 0
        body = json.loads(done.stdout)
        assert body["datagrams_together"] == 1
        return {each["part"]: each["fraction"] for each in body["packets"]}

    assert set(fractions("3-tuple").values()) == {1}
    with_ports = fractions("5-tuple")
    assert with_ports["whole packet"] == with_ports["ICMP error"] == 1
    assert with_ports["fragment"] < 0.2
