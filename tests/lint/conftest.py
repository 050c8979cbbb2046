import pathlib
import sys

# Helpers that several folders of tests share.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
