"""A folder of pytest tests, counted from its JUnit report."""
import xml.etree.ElementTree as ElementTree

from testing import process
from testing.builds import ROOT
from testing.results import FAILED, PASSED, SHOWN, SKIPPED, Case, counted


def run_folder(build, folder, limit, heartbeat=None, prefix="", env=()):
    label = prefix + folder.replace("/", ".")
    log = build.log(f"{label}.log")
    report = log.with_suffix(".xml")
    report.unlink(missing_ok=True)
    command = [*build.wrapper, "/usr/bin/python3", "-m", "pytest", "-p", "no:cacheprovider", "-v", "-ra", "--color=no",
               f"--junitxml={report}", folder]
    done = process.run(command, log, limit, {"BUILD": str(build.folder), **dict(build.run_env), **dict(env)}, ROOT, heartbeat)
    try:
        tree = ElementTree.parse(report)
    except (OSError, ElementTree.ParseError):
        return [Case(label, FAILED, f"{done.why()}, no report\n{done.tail()}")]
    cases = [_case(prefix, element) for element in tree.iter("testcase")]
    if not done.ok and not any(case.outcome == FAILED for case in cases):
        cases.append(Case(label, FAILED, f"pytest: {done.why()}\n{done.tail()}"))
    return cases


def _case(prefix, element):
    case = Case(f"{prefix}{element.get('classname')}::{element.get('name')}", PASSED)
    properties = [(found.get("name"), found.get("value")) for found in element.iter("property")]
    case.counts = counted(properties)
    case.shown = dict(properties).get(SHOWN, "")
    for child in element:
        if child.tag in ("failure", "error"):
            case.outcome, case.detail = FAILED, child.text or child.get("message") or ""
        elif child.tag == "skipped" and case.outcome == PASSED:
            case.outcome, case.detail = SKIPPED, child.get("message") or ""
    return case
