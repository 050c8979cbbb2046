"""The documents say what is there: commands exist, links lead somewhere, what is shown is run by a test."""
import json
import pathlib
import re
import subprocess

import pytest
import transcripts
import tree

DOCUMENTS = [path for path in tree.files() if path.suffix == ".md"]
# A word of a command line that names something of ours.
_OURS = re.compile(r"(?:(?<=\s)|^)(?:\./)?((?:scripts|build|tests|bench|docs)/[\w./-]+)")


def fenced(text):
    return "\n".join(re.findall(r"^```(?:sh|bash|shell|console)\n(.*?)^```", text, re.S | re.M))


def built_programs():
    """Paths of executables from the root ("build/control/ecmpd"), as the build folder's own plan names them."""
    targets = json.loads((tree.BUILD / "meson-info" / "intro-targets.json").read_text())
    return {"build/" + name.split("/" + tree.BUILD.name + "/", 1)[1] for target in targets
            if target["type"] == "executable" for name in target["filename"]}


@pytest.mark.parametrize("file", ["scripts/demo", "docs/manual.md"])
def test_what_is_built_by_name_can_be_installed(file):
    """`meson install --no-rebuild` stops at the first program that is not there."""
    installed = json.loads((tree.BUILD / "meson-info" / "intro-installed.json").read_text())
    programs = {str(pathlib.Path(path).relative_to(tree.BUILD)) for path in installed}
    (named,) = re.findall(r"^ *ninja -C \S+((?: +[a-z/]+)+)", tree.text(tree.ROOT / file), re.M)
    assert set(named.split()) == programs


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_commands_exist(document):
    bad = [name for name in _OURS.findall(fenced(tree.text(document)))
           if not (tree.ROOT / name).exists() and not {name, "build/" + name} & built_programs() and name != "build"]
    assert not bad, f"{document} tells to run {', '.join(bad)}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_links_lead_somewhere(document):
    bad = [target for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", tree.text(document))
           if "://" not in target and not (tree.ROOT / document.parent / target).exists()]
    assert not bad, f"{document} links to {', '.join(bad)}"


@pytest.mark.parametrize("command", ["scripts/demo", "scripts/test"])
def test_readme_leads_with_the_two_commands(command):
    first_screen = "\n".join(tree.text(tree.ROOT / "README.md").splitlines()[:30])
    assert command in fenced(first_screen + "\n```\n")


def test_the_changelog_knows_this_version():
    version = re.search(r"version: '([^']+)'", tree.text(tree.ROOT / "meson.build"))[1]
    assert re.search(rf"^## {re.escape(version)}\b", tree.text(tree.ROOT / "CHANGELOG.md"), re.M)


def test_transcripts_that_are_shown_are_run_by_a_test():
    tests = "\n".join(tree.text(path) for path in tree.files()
                      if path.suffix == ".py" and path.is_relative_to("tests") and path.parts[1] not in ("lint", "support"))
    shown = [command for document in DOCUMENTS for command, text in transcripts.transcripts(tree.text(document)) if text]
    assert [command for command in shown if f'transcript("{command}"' not in tests] == []


def test_figures_are_those_of_the_results_file():
    done = subprocess.run([tree.ROOT / "bench" / "readme_table", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_shape_keeps_words_and_drops_numbers():
    assert transcripts.shape("node1  667  |####   |\n\n") == transcripts.shape("node1   9,001 |######## |")
    assert transcripts.shape("node1 broke") != transcripts.shape("node1 held")
