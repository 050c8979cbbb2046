"""One drop reason is one enum value, one counter, and one line in docs/drops.md."""
import re

import tree

HEADER = tree.ROOT / "dataplane" / "drop_reason.h"
MANUAL = tree.ROOT / "docs" / "drops.md"


def named():
    """name -> rule, from the rows X(kEnumerator, "name", "rule") of the header's table."""
    return dict(re.findall(r'\bX\(k\w+,\s*"([^"]+)",\s*"([^"]+)"\)', tree.text(HEADER)))


def documented():
    """Rows of the manual's table: | `name` | when | what to do |"""
    return re.findall(r"^\|\s*`([a-z0-9_]+)`\s*\|", tree.text(MANUAL), re.M)


def test_every_reason_has_one_line():
    assert named() and documented() == list(named())


def test_names_are_words():
    assert [name for name in named() if not re.fullmatch(r"[a-z][a-z0-9_]*", name)] == []
