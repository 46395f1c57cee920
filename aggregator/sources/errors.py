"""Errors about a source, raised before its network is polled."""


class SourceError(Exception):
    """A request about a source that cannot be fulfilled. `str()` is one plain sentence that says what to do."""
