"""The manual's table of RFCs names tests that exist, at least one for each that is implemented."""
import re

import pytest
import tree

_GTEST = re.compile(r"\bTEST(?:_F)?\((\w+), (\w+)\)")


def rows():
    section = tree.text(tree.ROOT / "docs/manual.md").split("## BGP by RFC\n", 1)[1].split("\n## ", 1)[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if re.match(r"\| \d", line)]
    return [(number, state, re.findall(r"`([^`]+)`", tests)) for number, _what, state, tests in cells]


def known_tests():
    found = set()
    for path in tree.files():
        if not path.is_relative_to("tests"):
            continue
        if path.suffix == ".cc":
            found |= {f"{suite}.{name}" for suite, name in _GTEST.findall(tree.text(path))}
        elif path.suffix == ".py":
            found |= {f"{path.name}::{name}" for name in re.findall(r"^def (test_\w+)", tree.text(path), re.M)}
    return found


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"RFC {row[0]}")
def test_named_tests_exist(row):
    _number, state, tests = row
    assert [test for test in tests if test not in known_tests()] == []
    assert bool(tests) != state.startswith("not"), "what is implemented has a test, what is not has none"


def test_every_rfc_that_bgp_code_cites_is_in_the_table():
    listed = {number for numbers, _state, _tests in rows() for number in numbers.split(", ")}
    listed |= {"2119", "1812", "4594", "7153"}  # of hosts, DSCPs and the like: not BGP's
    cited = {number for path in tree.sources("control/bgp") for number in re.findall(r"RFC (\d{4})", tree.text(path))}
    assert sorted(cited - listed) == []
