"""Every header compiles alone, with the flags that the build uses next to it: those that begin their own source do so there."""
import concurrent.futures
import functools
import json
import os
import pathlib
import shlex
import subprocess

import pytest
import tree

HEADERS = tree.sources("hash", "dataplane", "control", "bench", "tests", suffixes=(".h",))


@functools.cache
def commands():
    """Source without suffix, and source folder (of one of its files), from the root -> compile command."""
    entries = json.loads((tree.BUILD / "compile_commands.json").read_text())
    found = {}
    for entry in entries:
        source = pathlib.Path(os.path.normpath(pathlib.Path(entry["directory"], entry["file"])))
        if source.suffix == ".cc" and source.is_relative_to(tree.ROOT):
            command = shlex.split(entry["command"])
            found[source.relative_to(tree.ROOT).with_suffix("")] = command
            found.setdefault(source.parent.relative_to(tree.ROOT), command)
    return found


def flags_for(header):
    """Of the .cc beside it; else of its folder; else of the nearest folder above, or below, that compiles something."""
    known = commands()
    if header.with_suffix("") in known:
        return keep(known[header.with_suffix("")])
    for folder in [header.parent, *header.parent.parents]:
        for candidate in [folder, *sorted(other for other in known if other.is_relative_to(folder))]:
            if candidate in known:
                return keep(known[candidate])
    raise AssertionError("the build compiles nothing")


def keep(command):
    """The compiler and its flags, without input, output and dependency files."""
    kept, words = [], iter(command)
    for word in words:
        if word in ("-o", "-MF", "-MQ", "-c"):
            next(words)
        elif word not in ("-MD",):
            kept.append(word)
    return kept


def first_of_its_source(header):
    """The build compiles a source that begins with this header: that shows it."""
    source = header.with_suffix(".cc")
    if header.with_suffix("") not in commands():
        return False
    lines = (tree.ROOT / source).read_text().splitlines()
    return next((line for line in lines if line.startswith("#")), "") == f'#include "{header}"'


def complaint(header):
    if first_of_its_source(header):
        return ""
    done = subprocess.run([*flags_for(header), "-O0", "-U_FORTIFY_SOURCE", "-fsyntax-only", "-x", "c++", "-"],
                          cwd=tree.BUILD, input=f'#include "{header}"\n', capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stderr


@functools.cache
def complaints():
    """All at once, one compiler on each core."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return dict(zip(HEADERS, pool.map(complaint, HEADERS)))


@pytest.mark.parametrize("header", HEADERS, ids=str)
def test_compiles_alone(header):
    assert complaints()[header] == ""
