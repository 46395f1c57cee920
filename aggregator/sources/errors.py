"""What can go wrong with a source before its network is asked."""


class SourceError(Exception):
    """What was asked of a source cannot be done. `str()` is one plain sentence that says what to do."""
