"""Cases and their sum: what every suite returns, and the line that scripts/test ends with."""
import dataclasses
import pathlib

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"

# Properties that a test records, GoogleTest or pytest, and the words of the line that they are shown in.
COUNTED = {"packet_cases_in_stages": "through the stages", "packet_cases_in_daemon": "through a daemon",
           "packet_cases_not_sendable": "not sendable"}
SHOWN = "shown"  # the property of a test with a text that is shown at the end


@dataclasses.dataclass
class Case:
    id: str
    outcome: str
    detail: str = ""
    counts: dict = dataclasses.field(default_factory=dict)  # of COUNTED, what the case says of itself
    shown: str = ""

    def __post_init__(self):
        self.id = "_".join(self.id.split())


def tally(cases):
    return tuple(sum(case.outcome == outcome for case in cases) for outcome in (PASSED, FAILED, SKIPPED))


def summary(cases):
    return "%d passed, %d failed, %d skipped" % tally(cases)


def expected_skips(path: pathlib.Path):
    """The ids in tests/expected_skips. A line without a reason is an error: a skip is a debt that says what for."""
    allowed = set()
    for number, line in enumerate(path.read_text().splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        words = line.split(None, 1)
        if len(words) < 2:
            raise ValueError(f"{path}:{number}: {line}: a reason must follow the test's id")
        allowed.add(words[0])
    return allowed


def verdict(cases, allowed_skips):
    """(failed cases, skips that nobody allowed)"""
    failed = [case for case in cases if case.outcome == FAILED]
    surprising = [case for case in cases if case.outcome == SKIPPED and case.id not in allowed_skips]
    return failed, surprising


def counted(properties):
    """Of the properties that a test recorded those of COUNTED."""
    return {name: int(value) for name, value in properties if name in COUNTED}


def shown(suites):
    """The texts that tests have for a reader, each once."""
    return list(dict.fromkeys(case.shown for cases in suites for case in cases if case.shown))


def packet_cases(suites):
    """The line about packet cases: summed over a suite; a suite that runs them once more (sanitizers) adds nothing.
    Empty when none ran."""
    found = {}
    for cases in suites:
        for name in COUNTED:
            if any(name in case.counts for case in cases):
                found[name] = max(found.get(name, 0), sum(case.counts.get(name, 0) for case in cases))
    return "packet cases: " + ", ".join(f"{found[name]} {COUNTED[name]}" for name in COUNTED if name in found) if found else ""
