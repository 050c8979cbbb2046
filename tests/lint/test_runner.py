"""The runner that counts all the others: crashes, hangs and surprising skips must come out as failures."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
from testing import process, pytests, results, unit  # noqa: E402
from testing.builds import Build  # noqa: E402
from testing.results import FAILED, PASSED, SKIPPED, Case  # noqa: E402


def test_summary_line():
    cases = [Case("a", PASSED), Case("b", PASSED), Case("c", FAILED), Case("d", SKIPPED)]
    assert results.summary(cases) == "2 passed, 1 failed, 1 skipped"


def test_only_listed_skips_are_allowed(tmp_path):
    (tmp_path / "skips").write_text("# why\nnet::listed  no such device in containers\n")
    allowed = results.expected_skips(tmp_path / "skips")
    failed, surprising = results.verdict([Case("net::listed", SKIPPED), Case("net::other", SKIPPED)], allowed)
    assert not failed and [case.id for case in surprising] == ["net::other"]


def test_a_listed_skip_needs_a_reason(tmp_path):
    (tmp_path / "skips").write_text("net::listed\n")
    with pytest.raises(ValueError, match="skips:1"):
        results.expected_skips(tmp_path / "skips")


def test_a_hang_is_ended_with_its_children(tmp_path):
    pid_file = tmp_path / "pid"
    done = process.run(["sh", "-c", f"setsid sleep 600 & echo $! > {pid_file}; wait"], tmp_path / "log", 1)
    assert done.timed_out and not done.ok
    assert not process._alive(int(pid_file.read_text()))


def test_a_crash_without_a_report_is_a_failure(tmp_path):
    script = "echo '[ RUN      ] S.First'; echo '[       OK ] S.First (0 ms)'; echo '[ RUN      ] S.Second'; kill -SEGV $$"
    done = process.run(["sh", "-c", script], tmp_path / "log", 10)
    cases = unit.gtest_cases("prog", done, tmp_path / "none.json")
    assert [(case.id, case.outcome) for case in cases] == [("prog.S.First", PASSED), ("prog.S.Second", FAILED)]
    assert "SIGSEGV" in cases[1].detail


def test_a_failure_at_exit_is_a_failure(tmp_path):
    report = tmp_path / "r.json"
    report.write_text('{"testsuites": [{"name": "S", "testsuite": [{"name": "T", "status": "RUN", "result": "COMPLETED"}]}]}')
    done = process.run(["false"], tmp_path / "log", 10)
    assert [case.outcome for case in unit.gtest_cases("prog", done, report)] == [PASSED, FAILED]


def test_pytest_cases_are_counted(tmp_path):
    (tmp_path / "test_sample.py").write_text(
        "import pytest\ndef test_good(): pass\ndef test_bad(): assert 0\ndef test_skip(): pytest.skip('because')\n")
    cases = pytests.run_folder(Build("sample", tmp_path / "build"), str(tmp_path), 60)
    assert sorted(case.outcome for case in cases) == [FAILED, PASSED, SKIPPED]


def test_packet_cases_are_summed_over_a_suite_and_not_over_suites(tmp_path):
    report = tmp_path / "r.json"
    tests = ", ".join(f'{{"name": "{n}", "status": "RUN", "result": "COMPLETED", "packet_cases_in_stages": "{n}"}}' for n in (30, 12))
    report.write_text(f'{{"testsuites": [{{"name": "S", "testsuite": [{tests}]}}]}}')
    stages = unit.gtest_cases("prog", process.run(["true"], tmp_path / "log", 10), report)
    (tmp_path / "test_sample.py").write_text("def test_wire(record_property): record_property('packet_cases_in_daemon', 41)\n")
    daemon = pytests.run_folder(Build("sample", tmp_path / "build"), str(tmp_path), 60)
    assert results.packet_cases([stages, daemon, stages]) == "packet cases: 42 through the stages, 41 through a daemon"
    assert results.packet_cases([[Case("a", PASSED)]]) == ""


def test_what_a_test_shows_is_shown_once_line_by_line(tmp_path):
    (tmp_path / "test_sample.py").write_text("def test_table(record_property): record_property('shown', 'a | b\\nc | d')\n")
    cases = pytests.run_folder(Build("sample", tmp_path / "build"), str(tmp_path), 60)
    assert results.shown([cases, [Case("a", PASSED)], cases]) == ["a | b\nc | d"]


def test_a_broken_pytest_folder_is_a_failure(tmp_path):
    (tmp_path / "test_sample.py").write_text("import no_such_module\n")
    cases = pytests.run_folder(Build("sample", tmp_path / "build"), str(tmp_path), 60)
    assert any(case.outcome == FAILED for case in cases)
