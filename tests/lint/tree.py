"""The source tree as the lint tests see it: every file that is not made by a build."""
import functools
import os
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("BUILD", "build")
CODE = ("hash", "dataplane", "control", "bench", "tests")
_INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


@functools.cache
def files():
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(name for name in folders
                            if name not in (".git", "__pycache__", ".pytest_cache") and not name.startswith("build"))
        found += [pathlib.Path(folder, name).relative_to(ROOT) for name in sorted(names) if name != ".git"]
    return [path for path in found if (ROOT / path).is_file() and not (ROOT / path).is_symlink()]


def sources(*folders, suffixes=(".cc", ".h")):
    """C++ files below the folders ("control/bgp"), or everywhere."""
    return [path for path in files() if path.suffix in suffixes and
            (not folders or any(path.is_relative_to(folder) for folder in folders))]


@functools.cache
def text(path):
    return (ROOT / path).read_text(errors="replace")


@functools.cache
def includes(path):
    """[(is_system, name)]: what `path` includes."""
    return [(bracket == "<", name) for bracket, name in _INCLUDE.findall(text(path))]


def is_script(path):
    """Shell and Python without a suffix: scripts/test and its like."""
    return path.suffix == "" and text(path).startswith("#!")
