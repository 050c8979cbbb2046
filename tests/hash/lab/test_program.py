"""ecmplab as a person uses it: help that teaches, errors that name what is wrong, three forms of one answer."""
import csv
import io
import json
import os
import pty
import re
import shlex
import struct
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest
from conftest import BUILD

SUBCOMMANDS = ("explain", "follow", "spread", "polarize", "churn", "predict", "shares", "sweep", "report")


def examples(text):
    """The commands in a help text: lines that begin with two blanks and ecmplab, up to the explanation beside them."""
    return [re.split(r"\s{2,}|\s[|>]\s", line.strip())[0] for line in text.splitlines() if line.startswith("  ecmplab ")]


def test_help_lists_every_subcommand_with_examples(ecmplab):
    text = ecmplab("--help").stdout
    listed = re.search(r"^Subcommands:\n(.*?)\n\n", text, re.S | re.M)[1]
    assert {line.split()[0] for line in listed.splitlines() if line[2] != " "} >= set(SUBCOMMANDS)
    assert len(examples(text)) >= 3


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_help_teaches_by_examples_that_work(ecmplab, name):
    done = ecmplab(name, "--help")
    assert done.returncode == 0
    found = examples(done.stdout)
    assert len(found) >= 3
    for example in found:
        # --help behind them: options and their values are checked, and nothing is run.
        checked = ecmplab(*shlex.split(example)[1:], "--help")
        assert (checked.returncode, checked.stderr) == (0, ""), example


@pytest.mark.parametrize("words, wrong", [
    (["spread", "--members", "0"], ["--members", "0", "from 1 to 1024"]),
    (["spread", "--members", "six"], ["--members", "six"]),
    (["spread", "--hash", "md5"], ["--hash", "md5", "xxh32"]),
    (["spread", "--selector", "best"], ["--selector", "best", "resilient"]),
    (["spread", "--workload", "mine"], ["--workload", "mine", "uniform"]),
    (["spread", "--key", "src,colour"], ["--key", "colour", "5-tuple"]),
    (["spread", "--weights", "1,2"], ["--weights", "2", "16"]),
    (["spread", "--buckets", "1000"], ["1000", "power"]),
    (["polarize", "--members", "4"], ["--members: 4 makes 1 tier;", "4,4", "--rss-queues"]),
    (["polarize", "--members", "2,2,2,2,2,2,2,2", "--rss-queues", "2"], ["9 tiers with --rss-queues; allowed: 2 to 8"]),
    (["spread", "--simd", "sse9"], ["--simd", "sse9", "avx2"]),
    (["spread", "--selector", "maglev", "--buckets", "8", "--members", "9"], ["--buckets", "8", "9"]),
    (["churn", "--selector", "maglev", "--buckets", "8", "--members", "8", "--newcomers", "1"], ["--buckets", "8", "9"]),
    (["polarize", "--key", "3-tuple", "--rss-queues", "4"], ["--key", "3-tuple", "--rss-queues"]),
    (["sweep", "--members", "2,0"], ["--members", "0"]),
    (["sweep", "--hash", "xxh32,md5"], ["--hash", "md5"]),
    (["explain"], ["SRC DST PROTO", "--packet", "--pcap"]),
    (["explain", "10.0.0.1", "::1", "tcp"], ["10.0.0.1", "::1", "family"]),
    (["explain", "10.0.0.1", "10.0.0", "tcp"], ["DST", "10.0.0"]),
    (["explain", "10.0.0.1", "10.0.0.2", "tpc"], ["PROTO", "tpc"]),
    (["explain", "10.0.0.1", "10.0.0.2", "tcp", "1", "65536"], ["DPORT", "65536", "65535"]),
    (["explain", "--packet", "45 00 0g"], ["--packet", "character 7", "0g"]),
    (["explain", "--packet", "4500"], ["--packet", "2 bytes"]),
    (["explain", "--pcap", "a", "--packet", "45"], ["--pcap", "--packet"]),
    (["explain", "--packet", "45", "--reach", "10.0.0.1"], ["--packet", "--reach"]),
    (["explain", "--pcap", "a", "--reach", "10.0.0.1"], ["--pcap", "--reach"]),
    (["explain", "10.0.0.1", "10.0.0.2", "tcp", "--nexthop", "10.0.1.1,10.0.1.2=0"], ["--nexthop", "10.0.1.2=0"]),
    (["explain", "10.0.0.1", "10.0.0.2", "tcp", "--nexthop", "10.0.1.1,10.0.1.1"], ["10.0.1.1"]),
    (["explain", "10.0.0.1", "10.0.0.2", "tcp", "--down", "10.0.1.1"], ["--down", "10.0.1.1"]),
    (["explain", "10.0.0.1", "10.0.0.2", "tcp", "--reach", "10.0.1.1"], ["--reach", "10.0.1.1"]),
    (["explain", "10.0.0.1", "10.0.0.2", "esp", "--reach", "10.0.0.1"], ["--reach", "esp"]),
    (["explain", "10.0.0.1", "10.0.0.2", "tcp", "--reach", "10.0.0.1", "--key", "3-tuple"], ["--reach", "3-tuple"]),
    *[(["explain", "10.0.0.1", "10.0.0.2", "esp", "--group", "g", option, value], ["--group", option]) for option, value in
      (("--members", "4"), ("--weights", "1"), ("--selector", "modulo"), ("--buckets", "64"), ("--nexthop", "10.0.0.1"))],
    (["explain", "10.0.0.1", "10.0.0.2", "esp", "--nexthop", "10.0.0.1", "--members", "4"], ["--nexthop", "--members"]),
    (["follow", "--key", "inner"], ["--key", "inner", "nothing"]),
    (["spread", "--key", "inner,flow-label"], ["--key", "inner,flow-label", "IPv4"]),
    (["churn", "--members", "4", "--down-limit", "4"], ["--down-limit", "4"]),
    (["churn", "--members", "1"], ["--members", "1"]),
    (["churn", "--mix", "leave,stay"], ["--mix", "stay", "drain"]),
    (["predict", "group.json", "--weight", "10.0.0.1"], ["weight"]),
    (["shares", "--members", "5-3"], ["--members", "5-3", "1024"]),
    (["stir"], ["stir"]),
    ([], ["subcommand"]),
])
def test_usage_errors_name_option_value_and_what_is_allowed(ecmplab, words, wrong):
    done = ecmplab(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("ecmplab: ")
    assert [part for part in wrong if part not in done.stderr] == []


@pytest.mark.parametrize("words, wrong", [
    (["spread", "--members", "0", "--json"], "--members: 0 is not a number from 1 to 1024"),
    (["stir", "-j"], "stir is not one of"),
    (["spread", "--csv", "--json"], "--csv"),
])
def test_usage_errors_with_json_are_one_object_too(ecmplab, words, wrong):
    done = ecmplab(*words)
    why = json.loads(done.stdout)["error"]
    assert (done.returncode, wrong in why, done.stderr.startswith(f"ecmplab: {why}\n")) == (2, True, True)


@pytest.mark.parametrize("words, ignored", [
    (["spread", "--selector", "modulo", "--buckets", "1024"], "--buckets 1024"),
    (["churn", "--selector", "vpp", "--buckets", "256", "--events", "1"], "--buckets 256"),
    (["explain", "--group", "group.json", "10.0.0.1", "10.0.0.2", "esp", "--seed", "8"], "--seed"),
    (["predict", "group.json", "--leave", "10.0.0.1", "--seed", "8"], "--seed"),
])
def test_options_that_do_not_count_are_named(ecmplab, tmp_path, words, ignored):
    (tmp_path / "group.json").write_text(
        json.dumps({"seed": 7, "members": [{"address": "10.0.0.1"}, {"address": "10.0.0.2"}]}))
    done = ecmplab(*words, cwd=tmp_path)
    assert (done.returncode, done.stderr.startswith(f"ecmplab: warning: {ignored} does not count")) == (0, True)


def test_nothing_reaches_a_member_that_is_down(ecmplab):
    done = ecmplab("explain", "10.0.0.9", "10.0.1.1", "tcp", "--reach", "10.0.0.1", "--down", "10.0.0.1")
    assert (done.returncode, done.stdout, "10.0.0.1 is down" in done.stderr) == (1, "", True)


def test_a_script_that_takes_everybody_down_loses_flows(ecmplab, tmp_path):
    script = tmp_path / "script"
    script.write_text("leave 1\nleave 2\nreturn 1\n")
    done = ecmplab("churn", "--selector", "modulo", "--members", "2", "--script", str(script), "--curve", "--json")
    answer = json.loads(done.stdout)
    assert (answer["leaves"], answer["all_lost"], answer["survivors_moved"]) == (2, 1, 0)
    assert [step["lost"] for step in answer["curve"]] == [False, True, False]
    assert "1 of the events left nobody up" in done.stderr


def test_a_nic_hashes_ports_whatever_the_router_does(ecmplab):
    """One address behind the 3-tuple is one unit for the router, and still spread over the NIC's queues."""
    done = ecmplab("polarize", "--workload", "nat", "--flows", "1000", "--key", "3-tuple", "--members", "4",
                   "--rss-queues", "8", "--json")
    answer = json.loads(done.stdout)
    assert (answer["flows"], answer["paths_used"], answer["paths"]) == (1000, 8, 32)


def test_numbers_have_no_more_digits_than_they_need(ecmplab):
    for words in (["sweep", "--seeds", "40", "--members", "2,3,5", "--flows", "1000"], ["polarize", "--members", "7,5"]):
        done = ecmplab(*words, "--json")
        assert [number for number in re.findall(r"\d+\.\d+", done.stdout) if len(number.replace(".", "").strip("0")) > 6] == []


def test_failures_with_json_are_still_one_object(ecmplab, tmp_path):
    done = ecmplab("sweep", "--seeds", "1", "--members", "2", "--flows", "10", "--workload", "nat", "--json", "--out",
                   str(tmp_path / "no" / "file"))
    assert done.returncode == 1
    assert str(tmp_path / "no" / "file") in json.loads(done.stdout)["error"]


def test_report_looks_at_its_file_before_the_long_work(ecmplab, tmp_path):
    done = ecmplab("report", "--sweep", str(tmp_path / "none"), "--out", str(tmp_path / "no" / "page.html"))
    assert (done.returncode, "page.html: No such file" in done.stderr) == (1, True)


@pytest.mark.parametrize("live, option, wrong", [(True, "--drain", "lost"), (False, "--return", "nobody is up")])
def test_predict_says_when_there_is_no_table(ecmplab, tmp_path, live, option, wrong):
    group = tmp_path / "group.json"
    group.write_text(json.dumps({"members": [{"address": "10.0.0.1", "live": live}]}))
    done = ecmplab("predict", str(group), option, "10.0.0.1")
    assert (done.returncode, done.stdout, wrong in done.stderr) == (1, "", True)


def test_table_json_and_csv_say_the_same(ecmplab):
    words = ["spread", "--members", "5", "--workload", "nat"]
    text, one, lines = (ecmplab(*words, *form).stdout for form in ([], ["--json"], ["--csv"]))
    answer = json.loads(one)
    rows = list(csv.DictReader(io.StringIO(lines)))
    assert len(rows) == len(answer["members"]) == 5
    for row, member in zip(rows, answer["members"]):
        assert row["members/address"] == member["address"]
        assert int(row["members/flows"]) == member["flows"]
        assert float(row["cov"]) == answer["cov"]
        assert re.search(rf"^{member['address']} .* {member['flows']} ", text, re.M)
    assert sum(member["flows"] for member in answer["members"]) == answer["flows"] == 65536


def test_spread_tells_perfect_from_linear(ecmplab):
    verdicts = {}
    for function in ("xxh32", "xor-fold"):
        for workload in ("paired", "eui-64"):
            words = ["spread", "--members", "8", "--hash", function, "--workload", workload, "--json"]
            verdicts[function, workload] = json.loads(ecmplab(*words).stdout)["verdict"]
    assert verdicts == {("xxh32", "paired"): "even", ("xxh32", "eui-64"): "even", ("xor-fold", "paired"): "uneven",
                        ("xor-fold", "eui-64"): "too even (structured)"}


def test_spread_blames_the_table_where_the_table_is_uneven(ecmplab):
    words = ["spread", "--members", "6", "--json", "--selector"]
    assert json.loads(ecmplab(*words, "vpp").stdout)["verdict"] == "uneven (table)"
    assert json.loads(ecmplab(*words, "resilient").stdout)["verdict"] == "even"


@pytest.mark.parametrize("words", [
    "spread --members 7 --hash toeplitz --json", "sweep --seeds 4 --members 7 --workload uniform --hash toeplitz --json",
    "polarize --selector resilient --hash toeplitz+xxh32 --json", "follow --hash toeplitz --members 7 --json",
])
def test_a_toeplitz_key_counts_wherever_a_function_is_chosen(ecmplab, words):
    key = "0102030405060708" * 5
    answers = [ecmplab(*words.split(), *option) for option in ([], ["--toeplitz-key", "microsoft"], ["--toeplitz-key", key])]
    assert all((done.returncode, done.stderr) == (0, "") for done in answers)
    assert answers[0].stdout == answers[1].stdout != answers[2].stdout
    other = ecmplab(*words.replace("toeplitz", "xxh32").split(), "--toeplitz-key", key)
    assert (other.returncode, "--toeplitz-key does not count" in other.stderr) == (0, True)
    wrong = ecmplab(*words.split(), "--toeplitz-key", "00")
    assert (wrong.returncode, "80 hexadecimal" in wrong.stderr + wrong.stdout) == (2, True)


def test_spread_judges_the_table_that_a_router_takes(ecmplab):
    """A million flows see the grain of its table, and that is no fault: a table with too few buckets is one."""
    words = ["spread", "--members", "6", "--flows", "1000000", "--json"]
    own = json.loads(ecmplab(*words).stdout)
    assert own == json.loads(ecmplab(*words, "--buckets", "auto").stdout)
    assert (own["verdict"], own["buckets"], own["table_deviation"] < 1 / 64) == ("even", 512, True)
    assert own["table_p"] < 0.0005
    small = json.loads(ecmplab(*words, "--buckets", "64").stdout)
    assert (small["verdict"], small["table_deviation"] > 1 / 64) == ("uneven (table)", True)


def test_sweep_writes_its_file_and_shows_no_progress_into_a_pipe(ecmplab, tmp_path):
    out = tmp_path / "sweep.json"
    done = ecmplab("sweep", "--seeds", "3", "--flows", "1000", "--members", "3", "--out", str(out), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert out.read_text() == done.stdout


def capture(path, clients):
    """A pcap file: four TCP connections from each client, one packet of 54 bytes each, and one ARP request."""
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    frames = [bytes(12) + b"\x08\x06" + bytes(28)]
    for client in range(clients):
        for port in range(4):
            ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 0, 0, 64, 6, 0, bytes([10, 0, client >> 8, client & 255]),
                             bytes([198, 18, 0, 1]))
            frames.append(bytes(12) + b"\x08\x00" + ip + struct.pack("!HH", 2000 + port, 80) + bytes(16))
    for frame in frames:
        out += struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame
    path.write_bytes(out)
    return str(path)


def test_spread_reads_a_capture(ecmplab, tmp_path):
    path = capture(tmp_path / "trace.pcap", 300)
    answer = json.loads(ecmplab("spread", "--members", "4", "--pcap", path, "--key", "src,dst", "--json").stdout)
    found = {key: answer[key] for key in ("workload", "flows", "units", "frames", "frames_without_ip")}
    assert found == {"workload": path, "flows": 1200, "units": 300, "frames": 1201, "frames_without_ip": 1}
    assert sum(member["bytes"] for member in answer["members"]) == 1200 * 54
    assert all(member["flows"] % 4 == 0 for member in answer["members"])


def test_captures_that_cannot_be_used_are_named(ecmplab, tmp_path):
    empty = capture(tmp_path / "empty.pcap", 0)
    for path, why in ((str(tmp_path / "none.pcap"), "No such file"), (empty, "no IP packet")):
        done = ecmplab("spread", "--pcap", path)
        assert (done.returncode, done.stdout) == (1, "")
        assert path in done.stderr and why in done.stderr
    assert ecmplab("spread", "--pcap", empty, "--flows", "5").returncode == 2


def test_report_is_one_page_that_needs_nothing_else(ecmplab, tmp_path):
    sweep, page = tmp_path / "sweep.json", tmp_path / "page.html"
    assert ecmplab("sweep", "--hash", "xxh32,xor-fold", "--seeds", "20", "--flows", "4096", "--members", "3,16", "--out",
                   str(sweep)).returncode == 0
    words = ["report", "--sweep", str(sweep), "--no-speed", "--title", "a < b", "--out", str(page)]
    assert ecmplab(*words).returncode == 0
    text = page.read_text()
    assert ecmplab(*words).returncode == 0 and page.read_text() == text
    root = ElementTree.fromstring(re.sub(r"<!DOCTYPE html>|<(meta|link)[^>]*>", "", text))  # well-formed
    assert root.find("body/h1").text == "a < b"
    assert [heading.text for heading in root.iter("h2")] == ["Evenness", "Disruption", "Polarization"]
    assert "<script" not in text and not re.search(r"(src|href)=\"(?!data:)", text)
    svg = "{http://www.w3.org/2000/svg}"
    charts = list(root.iter(svg + "svg"))
    assert len(charts) == 2 + 5 + 1  # functions, selectors, the matrix
    for chart in charts:
        width, height = (float(chart.get(key)) for key in ("width", "height"))
        for label in chart.iter(svg + "text"):
            assert 0 <= float(label.get("x")) <= width and 0 < float(label.get("y")) <= height, label.text
    # A mark for each workload and number of members: dots where the function is as chance, squares where it is not.
    marks = [shape for chart in charts[:2] for shape in chart.iter() if shape.find(svg + "title") is not None]
    assert len(marks) == 2 * 12 * 2
    assert next(root.iter("h3")).text == "xxh32, resilient: as perfect hashing in all 24 cells"


def test_report_says_what_is_wrong_with_a_file(ecmplab, tmp_path):
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"rows": []}')
    for option, command in (("--sweep", "sweep"), ("--churn", "churn"), ("--polarize", "polarize")):
        done = ecmplab("report", option, str(wrong), "--no-speed", "--out", str(tmp_path / "page.html"))
        assert done.returncode == 1
        assert str(wrong) in done.stderr and f"ecmplab {command}" in done.stderr


def test_report_tells_a_terminal_what_it_is_at(ecmplab, tmp_path):
    sweep, pairs = tmp_path / "sweep.json", tmp_path / "pairs.json"
    assert ecmplab("sweep", "--seeds", "2", "--members", "3", "--flows", "100", "--out", str(sweep)).returncode == 0
    pairs.write_text(ecmplab("polarize", "--json", "--flows", "1000").stdout)
    words = ["report", "--no-speed", "--sweep", str(sweep), "--polarize", str(pairs), "--out", str(tmp_path / "page.html")]
    quiet = ecmplab(*words)
    assert (quiet.returncode, quiet.stderr) == (0, "")
    ours, theirs = pty.openpty()
    with open(ours, "rb", buffering=0) as terminal:
        done = subprocess.run([BUILD / "hash" / "lab" / "ecmplab", *words], stdout=subprocess.PIPE, stderr=theirs, timeout=120)
        os.close(theirs)
        seen = terminal.read(4096).decode()
    assert (done.returncode, done.stdout.decode()) == (0, quiet.stdout)
    assert "report: what changes move with resilient (2 of 4)" in seen
    assert seen.endswith("\r\x1b[K")  # the line is gone
