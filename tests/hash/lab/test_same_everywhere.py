"""The same options give the same bytes: with every kind of SIMD instructions, and on every machine.

The files in golden/ are what other machines are compared with. ECMPLAB_GOLDEN=write makes them anew; read the
difference before committing it.
"""
import json
import os
import pathlib

import pytest

GOLDEN = pathlib.Path(__file__).parent / "golden"
LEVELS = ("scalar", "avx2", "avx512")

COMMANDS = {
    "spread": "spread",
    "spread-six": "spread --members 6 --seed 7",
    "spread-weights": "spread --members 3 --weights 1,2,5 --flows 10000",
    "spread-two": "spread --members 2 --flows 999",
    "spread-simulated": "spread --members 100 --flows 99",
    "spread-nat-crc32c": "spread --hash crc32c --workload nat --members 8",
    "spread-paired-crc16": "spread --hash crc16 --workload paired --members 7",
    "spread-toeplitz": "spread --hash toeplitz --workload stride-256 --members 9",
    "spread-xor-fold": "spread --hash xor-fold --workload all-increment --members 24",
    "spread-xxh64": "spread --hash xxh64 --workload even-ports --members 5 --selector modulo",
    "spread-xxh3": "spread --hash xxh3 --workload port-stride --members 5 --selector maglev",
    "spread-jhash": "spread --hash jhash --workload grid --selector hash-threshold",
    "spread-siphash": "spread --hash siphash --workload few-clients --key 3-tuple --members 8",
    "spread-ipv6": "spread --workload customers --members 64",
    "spread-eui-64": "spread --workload eui-64 --key src,symmetric,dst --members 64 --selector rendezvous",
    "spread-zipf": "spread --workload zipf --flows 100000 --members 8",
    "spread-vpp": "spread --selector vpp --members 6",
    "spread-grout": "spread --selector grout --members 5",
    "sweep": "sweep --hash xxh32,crc32c,toeplitz --seeds 5 --flows 4096 --members 2,7,64",
    "sweep-selectors": "sweep --selector resilient,modulo,vpp --seeds 4 --flows 2000 --workload nat,eui-64 --members 3,100",
    "polarize": "polarize --hash xxh32,crc32c,xxh3+siphash --members 4,6",
    "polarize-rss": "polarize --hash toeplitz,xxh32 --members 4 --rss-queues 8",
    "explain": "explain 192.0.2.7 203.0.113.10 tcp 40000 80 --nexthop 10.0.1.11,10.0.2.11=2 --seed 7",
    "reach": "explain --reach 10.0.0.3 192.0.2.7 203.0.113.10 tcp 0 80 --members 8 --count 4",
    "shares": "shares --members 2-9",
    "churn": "churn --events 100 --members 16 --seed 1",
    "churn-maglev": "churn --selector maglev --events 20 --members 6 --mix flap,weight --curve",
}


@pytest.fixture(scope="session")
def levels(ecmplab):
    """Those that this CPU has; scalar is one."""
    found = [level for level in LEVELS if ecmplab("spread", "--flows", "1", "--simd", level).returncode == 0]
    assert found[0] == "scalar"
    return found


def test_a_level_that_the_cpu_lacks_is_an_error(ecmplab, levels):
    for level in set(LEVELS) - set(levels):
        done = ecmplab("spread", "--simd", level)
        assert (done.returncode, level in done.stderr) == (1, True)


@pytest.mark.parametrize("name", COMMANDS)
def test_json_is_the_same_with_every_simd_level(ecmplab, levels, name):
    words = [*COMMANDS[name].split(), "--json"]
    outputs = {level: ecmplab(*words, "--simd", level) for level in levels}
    for level, done in outputs.items():
        assert (done.returncode, done.stderr) == (0, ""), level
        assert done.stdout == outputs["scalar"].stdout, level
    assert isinstance(json.loads(outputs["scalar"].stdout), dict)
    assert outputs["scalar"].stdout.count("\n") == 1


@pytest.mark.parametrize("name", ["spread", "spread-two", "spread-simulated", "spread-ipv6", "spread-zipf", "sweep",
                                  "polarize", "churn-maglev"])
def test_json_is_the_same_on_every_machine(ecmplab, name):
    output = ecmplab(*COMMANDS[name].split(), "--json").stdout
    golden = GOLDEN / f"{name}.json"
    if os.environ.get("ECMPLAB_GOLDEN") == "write":
        golden.write_text(output)
    assert output == golden.read_text()


def test_there_are_enough_commands():
    assert len(COMMANDS) >= 20
