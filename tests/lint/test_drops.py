"""One drop reason is one enum value, one counter, and one line in docs/drops.md."""
import re

import tree

HEADER = tree.ROOT / "dataplane" / "drop_reason.h"
SOURCE = HEADER.with_suffix(".cc")
MANUAL = tree.ROOT / "docs" / "drops.md"


def without_comments(text):
    return re.sub(r"//.*", "", text)


def named():
    """The string literals of drop_reason.h and .cc: its table of names."""
    text = "\n".join(without_comments(tree.text(path)) for path in (HEADER, SOURCE) if path.exists())
    text = re.sub(r"#\s*include.*", "", text)
    return re.findall(r'"([a-z][a-z0-9_-]*)"', text)


def enumerators():
    body = re.search(r"enum class DropReason[^{]*\{(.*?)\}", without_comments(tree.text(HEADER)), re.S)
    return re.findall(r"\bk[A-Z]\w*", body[1]) if body else []


def documented():
    """Rows of the table: | `name` | when | ... |"""
    return re.findall(r"^\|\s*`([a-z][a-z0-9_-]*)`\s*\|", tree.text(MANUAL), re.M)


def test_every_reason_has_one_name_and_one_line():
    if not HEADER.exists():
        assert not MANUAL.exists()  # nothing is named, so nothing may be documented
        return
    names = named()
    assert names and len(set(names)) == len(names)
    assert sorted(documented()) == sorted(names)


def test_every_enumerator_has_a_name():
    """kCount or kLast may close the enumeration without one; X-macro tables have no enumerators to count."""
    if HEADER.exists() and enumerators():
        real = [name for name in enumerators() if name not in ("kCount", "kLast", "kNone", "kNumReasons")]
        assert len(set(real)) <= len(named())
