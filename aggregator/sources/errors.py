"""Errors about a source, raised before its network is polled."""


class SourceError(Exception):
    """A request about a source that cannot be fulfilled. `str()` is one plain sentence that says what to do.

    `field` is the option or credential whose value is not valid, if it is about one.
    """

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field
