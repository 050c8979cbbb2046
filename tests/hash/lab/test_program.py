"""ecmplab as a person uses it: help that teaches, errors that name what is wrong, three forms of one answer."""
import csv
import io
import json
import re
import shlex

import pytest

SUBCOMMANDS = ("explain", "follow", "spread", "sweep", "churn", "report")


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
    (["spread", "--simd", "sse9"], ["--simd", "sse9", "avx2"]),
    (["spread", "--csv", "--json"], ["--csv", "--json"]),
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
    (["explain", "10.0.0.1", "10.0.0.2", "tcp", "--nexthop", "10.0.1.1,10.0.1.2=0"], ["--nexthop", "10.0.1.2=0"]),
    (["explain", "10.0.0.1", "10.0.0.2", "tcp", "--nexthop", "10.0.1.1,10.0.1.1"], ["10.0.1.1"]),
    (["explain", "10.0.0.1", "10.0.0.2", "tcp", "--down", "10.0.1.1"], ["--down", "10.0.1.1"]),
    (["explain", "10.0.0.1", "10.0.0.2", "tcp", "--reach", "10.0.1.1"], ["--reach", "10.0.1.1"]),
    (["explain", "10.0.0.1", "10.0.0.2", "esp", "--reach", "10.0.0.1"], ["--reach", "esp"]),
    (["explain", "10.0.0.1", "10.0.0.2", "tcp", "--reach", "10.0.0.1", "--key", "3-tuple"], ["--reach", "3-tuple"]),
    (["follow", "--key", "inner"], ["--key", "inner", "nothing"]),
    (["stir"], ["stir"]),
    ([], ["subcommand"]),
])
def test_usage_errors_name_option_value_and_what_is_allowed(ecmplab, words, wrong):
    done = ecmplab(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("ecmplab: ")
    assert [part for part in wrong if part not in done.stderr] == []


def test_failures_with_json_are_still_one_object(ecmplab, tmp_path):
    done = ecmplab("sweep", "--seeds", "1", "--members", "2", "--flows", "10", "--workload", "nat", "--json", "--out",
                   str(tmp_path / "no" / "file"))
    assert done.returncode == 1
    assert str(tmp_path / "no" / "file") in json.loads(done.stdout)["error"]


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


def test_sweep_writes_its_file_and_shows_no_progress_into_a_pipe(ecmplab, tmp_path):
    out = tmp_path / "sweep.json"
    done = ecmplab("sweep", "--seeds", "3", "--flows", "1000", "--members", "3", "--out", str(out), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert out.read_text() == done.stdout
