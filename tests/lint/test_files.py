"""Sizes, names, openings, formatting, and words that do not belong into a source tree."""
import re
import shutil
import statistics
import subprocess

import pytest
import tree

LIMIT = 400  # lines; split before it is reached


def measured():
    return [path for path in tree.files() if path.suffix in (".cc", ".h", ".py") or tree.is_script(path)]


def length(path):
    return tree.text(path).count("\n")


def test_no_file_is_long(capsys):
    bad = [f"{path}: {length(path)} lines" for path in measured() if length(path) > LIMIT]
    with capsys.disabled():
        print(f"\nmedian of {len(measured())} files: {statistics.median(map(length, measured())):.0f} lines; longest: "
              f"{max(map(length, measured()))}")
    assert not bad, "\n".join(bad)


def test_names_are_snake_case():
    bad = [str(path) for path in tree.sources() if not re.fullmatch(r"[a-z0-9_]+\.(cc|h)", path.name)]
    assert not bad, "\n".join(bad)


def test_headers_open_with_what_they_are():
    bad = []
    for path in tree.sources(suffixes=(".h",)):
        opening = re.match(r"(//.*\n)+", tree.text(path))
        if not opening or not 1 <= opening.group().count("\n") <= 12:
            bad.append(f"{path}: must open with a comment of a few lines")
        elif tree.text(path)[opening.end():].lstrip().split("\n")[0] != "#pragma once":
            bad.append(f"{path}: #pragma once must follow the opening comment")
    assert not bad, "\n".join(bad)


def test_formatting():
    program = shutil.which("clang-format-14")
    if not program:
        pytest.skip("clang-format-14 is not installed")
    done = subprocess.run([program, "--dry-run", "-Werror", *map(str, tree.sources())], cwd=tree.ROOT,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    places = sorted({line.split(": ")[0].rsplit(":", 1)[0] for line in done.stderr.splitlines() if "error:" in line})
    would_change = "\n".join(places) or done.stderr if done.returncode else ""
    assert would_change == "", "clang-format-14 -i changes these"


def forbidden_words():
    """Spelled in pieces, so that this file passes its own test."""
    return [r"\b(TODO|FIX" + r"ME|XXX|HACK)\b", r"/ho" + r"me/\w", r"/ro" + r"ot/\w", r"/wo" + r"rk/\w", r"/Use" + r"rs/\w",
            r"/tmp/w" + r"t\b", r"deb\.deb" + r"ian\.org"]


@pytest.mark.parametrize("pattern", forbidden_words())
def test_words_that_do_not_belong(pattern):
    bad = [f"{path}:{number}: {line.strip()}" for path in tree.files()
           if path.suffix not in (".pcap", ".bin", ".png") and path.name != "test_files.py"
           for number, line in enumerate(tree.text(path).splitlines(), 1) if re.search(pattern, line)]
    assert not bad, "\n".join(bad)


def test_scripts_are_executable():
    bad = [str(path) for path in tree.files() if tree.is_script(path) and not (tree.ROOT / path).stat().st_mode & 0o100]
    assert not bad, "\n".join(bad)
