"""What the documents show is run by a test: transcripts are marked, and a test compares them with a real run.

A transcript in a Markdown file is a code block between two comments:

    <!-- transcript: scripts/demo -->
    ```console
    ...
    ```
    <!-- end transcript -->

The test that runs the command calls transcript("scripts/demo") and compares shape(shown) with shape(printed): numbers,
and how wide they are, differ from run to run, words and their order do not. tests/lint checks that every transcript
that is shown is asked for by some test.
"""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"<!-- transcript: (?P<command>.+?) -->\n(?P<body>.*?)<!-- end transcript -->", re.S)
_FENCE = re.compile(r"```\w*\n(.*?)```", re.S)


def documents():
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("**/*.md")])


def transcripts(text):
    """[(command, text shown)]; the text is empty where nothing is shown yet."""
    return [(found["command"], "".join(_FENCE.findall(found["body"]))) for found in _BLOCK.finditer(text)]


def transcript(command, document="README.md"):
    """The text that `document` shows for `command`."""
    return dict(transcripts((ROOT / document).read_text()))[command]


def shape(text):
    """Numbers become N, runs of blanks and bars one character, so that two runs of one program compare equal."""
    lines = []
    for line in text.splitlines():
        line = re.sub(r"\d+(?:[.,]\d+)*", "N", line)
        line = re.sub(r"[#=\u2580-\u259f]{2,}", "#", line)
        line = re.sub(r"[ \t]+", " ", line).strip()
        if line:
            lines.append(line)
    return lines
