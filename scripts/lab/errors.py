"""What the laboratory raises when it cannot do its work: one readable sentence, and where to look."""


class LabError(Exception):
    """A program is missing, a daemon does not start, or a condition did not come true in time."""
