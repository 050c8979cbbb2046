"""docs/ecmplab.md shows what the program prints, to the letter. ECMPLAB_GOLDEN=write brings the page up to date."""
import os
import pathlib
import re
import shlex

import pytest
from transcripts import ROOT, transcript

PAGE = "docs/ecmplab.md"

SHOWN = [
    lambda: ("ecmplab explain 192.0.2.7 203.0.113.10 tcp 40000 80 --nexthop 10.0.1.11,10.0.2.11=2 --seed 7",
             transcript("ecmplab explain 192.0.2.7 203.0.113.10 tcp 40000 80 --nexthop 10.0.1.11,10.0.2.11=2 --seed 7", PAGE)),
    lambda: ("ecmplab explain --reach 10.0.0.3 192.0.2.7 203.0.113.10 tcp 0 80 --members 8 --count 4",
             transcript("ecmplab explain --reach 10.0.0.3 192.0.2.7 203.0.113.10 tcp 0 80 --members 8 --count 4", PAGE)),
    lambda: ("ecmplab follow --members 8 --key 5-tuple", transcript("ecmplab follow --members 8 --key 5-tuple", PAGE)),
    lambda: ("ecmplab spread --members 6", transcript("ecmplab spread --members 6", PAGE)),
    lambda: ("ecmplab sweep --hash xxh32,crc32c --workload uniform,nat,grid,customers --members 2,7,24 --seeds 100",
             transcript("ecmplab sweep --hash xxh32,crc32c --workload uniform,nat,grid,customers --members 2,7,24 --seeds 100", PAGE)),
    lambda: ("ecmplab polarize --hash xxh32,crc32c,xxh32+crc32c --members 4,4",
             transcript("ecmplab polarize --hash xxh32,crc32c,xxh32+crc32c --members 4,4", PAGE)),
    lambda: ("ecmplab churn --members 16 --events 300", transcript("ecmplab churn --members 16 --events 300", PAGE)),
    lambda: ("ecmplab churn --selector modulo --members 16 --events 1",
             transcript("ecmplab churn --selector modulo --members 16 --events 1", PAGE)),
    lambda: ("ecmplab shares --members 3-8", transcript("ecmplab shares --members 3-8", PAGE)),
]


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown()[0])
def test_page_shows_what_the_program_prints(ecmplab, shown):
    command, text = shown()
    done = ecmplab(*shlex.split(command)[1:])
    assert (done.returncode, done.stderr) == (0, "")
    if os.environ.get("ECMPLAB_GOLDEN") == "write":
        rewrite(command, done.stdout)
        text = shown()[1]
    assert text == done.stdout


def rewrite(command, text):
    page = pathlib.Path(ROOT, PAGE)
    block = re.compile(rf"(<!-- transcript: {re.escape(command)} -->\n```console\n).*?(```\n)", re.S)
    page.write_text(block.sub(lambda found: found[1] + text + found[2], page.read_text()))


def test_page_knows_every_subcommand(ecmplab):
    listed = re.search(r"^Subcommands:\n(.*?)\n\n", ecmplab("--help").stdout, re.S | re.M)[1]
    names = {line.split()[0] for line in listed.splitlines() if line[2] != " "}
    assert {name for name in names if f"## {name.capitalize()}\n" not in pathlib.Path(ROOT, PAGE).read_text()} == set()
