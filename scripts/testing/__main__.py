"""scripts/test: runs suites in order, says what each found, and ends with the sum."""
import argparse
import os
import signal
import sys
import time

from testing import process, suites
from testing.builds import ROOT
from testing.results import FAILED, Case, expected_skips, packet_cases, shown, summary, verdict

TOTAL_LIMIT = 75 * 60  # seconds; a hang must end as a failure while somebody still waits


def say(text):
    print(text, flush=True)


def stop(number, _frame):
    process.end_running()
    process.end_all()
    say(f"\nstopped by {signal.Signals(number).name}")
    os._exit(128 + number)  # not sys.exit: worker threads would go on to their next test


def run_suite(suite, deadline):
    begin = time.monotonic()
    if begin > deadline:
        return [Case(suite.name, FAILED, "not run: no time left")]
    say(f"== {suite.name}: {suite.about}")

    def heartbeat(line):
        say(f"   {time.monotonic() - begin:4.0f} s  {line}")

    try:
        cases = suite.run(heartbeat)
    except Exception as error:  # a broken suite must not take the sum of the others with it
        cases = [Case(suite.name, FAILED, f"{type(error).__name__}: {error}")]
    orphans = process.end_all()
    if orphans:
        cases.append(Case(f"{suite.name}.leaves-nothing-running", FAILED, f"still ran: {' '.join(sorted(orphans))}"))
    if not cases:
        cases = [Case(suite.name, FAILED, "found nothing to run")]
    for case in cases:
        if case.outcome == FAILED:
            say(f"-- FAILED {case.id}\n{case.detail}")
    say(f"   {suite.name}: {summary(cases)} in {time.monotonic() - begin:.0f} s")
    return cases


def main():
    parser = argparse.ArgumentParser(prog="scripts/test", description="Build and run the tests.")
    parser.add_argument("--all", action="store_true", help="also clang, sanitizers, long fuzzing and stress")
    parser.add_argument("--list", action="store_true", help="name the suites and stop")
    parser.add_argument("suites", nargs="*", metavar="SUITE")
    arguments = parser.parse_args()
    unknown = set(arguments.suites) - {suite.name for suite in suites.SUITES}
    if unknown:
        parser.error(f"no suite {', '.join(sorted(unknown))}; known: {' '.join(s.name for s in suites.SUITES)}")
    if arguments.list:
        for suite in suites.SUITES:
            say(f"{suite.name:10} {suite.about}{' (--all)' if suite.only_all else ''}")
        return 0

    allowed = expected_skips(ROOT / "tests" / "expected_skips")
    process.become_subreaper()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    begin = time.monotonic()
    by_suite = [run_suite(suite, begin + TOTAL_LIMIT) for suite in suites.chosen(arguments.suites, arguments.all)]
    cases = [case for suite in by_suite for case in suite]
    failed, surprising = verdict(cases, allowed)
    say(f"== {time.monotonic() - begin:.0f} s in all")
    for text in shown(by_suite):
        say(text)
    if line := packet_cases(by_suite):
        say(line)
    for case in failed:
        say(f"failed: {case.id}")
    for case in surprising:
        say(f"skipped, and not listed in tests/expected_skips: {case.id}  {case.detail.strip()}")
    say(summary(cases))
    return 1 if failed or surprising else 0


sys.exit(main())
