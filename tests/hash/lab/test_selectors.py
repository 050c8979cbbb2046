"""What the selectors are chosen by, as the program prints it: movement, evenness, and what a change to a group would do."""
import json

import pytest


@pytest.fixture
def answer(ecmplab):
    def run(line):
        done = ecmplab(*line.split(), "--json")
        assert (done.returncode, done.stderr) == (0, ""), line
        return json.loads(done.stdout)
    return run


def test_resilient_moves_what_it_must_and_nothing_else(answer):
    churn = answer("churn --selector resilient --members 16 --events 3000 --buckets 65536 --seed 1")
    assert (churn["survivors_moved"], churn["collateral"], churn["moved_over_minimum"]) == (0, 0, 1)
    assert churn["home_after_flap"] == 1
    assert churn["worst_max_mean"] <= 1.012
    assert churn["worst_max_mean_two_down"] <= 1.001
    assert churn["worst_max_mean_all_up"] <= 1.0001
    assert {row["away"] for row in churn["by_away"]} == set(range(9))


def test_newcomers_cost_resilient_little_evenness(answer):
    churn = answer("churn --members 8 --newcomers 8 --events 1000 --seed 1 --orders 200")
    assert (churn["survivors_moved"], churn["collateral"], churn["moved_over_minimum"]) == (0, 0, 1)
    assert churn["worst_max_mean"] <= 1.015
    assert churn["orders_equal"] == churn["orders"] == 200


@pytest.mark.parametrize("selector, least, most", [("modulo", 0.913, 0.953), ("hash-threshold", 0.217, 0.467),
                                                   ("maglev", 0, 0.005), ("rendezvous", 0, 0)])
def test_one_leave(answer, selector, least, most):
    for seed in range(1, 6):
        churn = answer(f"churn --selector {selector} --members 16 --events 1 --buckets 65536 --seed {seed}")
        assert least <= churn["survivors_moved"] <= most


def test_rendezvous_does_not_depend_on_the_order(answer):
    churn = answer("churn --selector rendezvous --members 8 --newcomers 4 --events 60 --buckets 4096 --orders 50")
    assert (churn["orders_equal"], churn["survivors_moved"], churn["moved_over_minimum"]) == (50, 0, 1)


def test_equal_members_are_off_by_less_than_a_bucket(answer):
    for buckets in ("65536", "auto"):
        rows = answer(f"shares --members 2-64 --buckets {buckets}")["shares"]
        assert [row["members"] for row in rows] == list(range(2, 65))
        for row in rows:
            assert row["resilient"] <= row["bound"]
            if row["members"] & (row["members"] - 1):
                assert min(row["vpp"], row["grout"]) > row["resilient"]


def test_predict_says_what_churn_then_measures(answer, tmp_path):
    members = [{"address": f"10.0.0.{n}", "flows": 1000} for n in range(1, 7)]
    group = tmp_path / "group.json"
    script = tmp_path / "script"
    for selector in ("modulo", "hash-threshold", "resilient", "maglev", "rendezvous", "vpp", "grout"):
        with_flows = [m | {"flows": 0} if selector == "grout" and n >= 4 else m for n, m in enumerate(members)]
        group.write_text(json.dumps({"selector": selector, "seed": 1, "members": with_flows}))
        flows = sum(member["flows"] for member in with_flows)
        for event in ("leave 10.0.0.3", "drain 10.0.0.3", "weight 10.0.0.3 4", "join 10.0.0.9 2"):
            script.write_text(event)
            predicted = answer(f"predict {group} --script {script}")
            measured = answer(f"churn --selector {selector} --members 6 --buckets auto --script {script}")
            for key in ("moved", "minimum", "collateral"):
                assert predicted[key] == measured[key], (selector, event, key)
            assert sum(move["share"] for move in predicted["moves"]) == pytest.approx(predicted["moved"], abs=1e-5)
            assert sum(row["flows_after"] for row in predicted["members"]) == pytest.approx(flows, rel=1e-4)


def test_errors_say_where(ecmplab, tmp_path):
    script = tmp_path / "script"
    script.write_text("leave 1\nleave 1\n")
    done = ecmplab("churn", "--script", str(script))
    assert (done.returncode, done.stderr) == (1, f"ecmplab: {script}: leave 10.0.0.1: the member is down already\n")
    done = ecmplab("predict", str(tmp_path / "none"), "--leave", "10.0.0.1")
    assert done.returncode == 1
    assert str(tmp_path / "none") in done.stderr
