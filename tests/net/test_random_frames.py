"""Random frames into a running daemon for some seconds; random_frames.py does so for as long as one likes."""

import pytest

import random_frames

FRAMES = 20_000


@pytest.mark.parametrize("seed", [1, 20260101])
def test_the_daemon_outlives_them_and_counts_each(ecmpd, tmp_path, seed):
    assert random_frames.run(random_frames.export(tmp_path), seed, frames=FRAMES) == []
