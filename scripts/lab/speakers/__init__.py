"""The BGP daemons that a node can run, by the name that people use for them."""

from .base import NodePlace, Speaker
from .bird import Bird
from .exabgp import ExaBgp
from .frr import Frr
from .gobgp import GoBgp
from .openbgpd import OpenBgpd

SPEAKERS: dict[str, type[Speaker]] = {
    "bird": Bird,
    "frr": Frr,
    "gobgp": GoBgp,
    "exabgp": ExaBgp,
    "openbgpd": OpenBgpd,
}

__all__ = ["SPEAKERS", "NodePlace", "Speaker"]
