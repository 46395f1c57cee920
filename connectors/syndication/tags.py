"""The tags of foreign HTML, one by one."""

from __future__ import annotations

from html.parser import HTMLParser


class Tags(HTMLParser):
    """Python's parser for HTML, which raises over a marked section that it doesn't know: here it is a comment."""

    def parse_marked_section(self, i: int, report: bool = True) -> int:  # noqa: FBT001, FBT002  as in Python's own
        try:
            return super().parse_marked_section(i, report)
        except AssertionError:
            return self.parse_bogus_comment(i, report)
