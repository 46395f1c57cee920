"""Which of two versions of a post counts."""

from datetime import UTC, datetime

import pytest

from aggregator.intake.versions import SourceAuthority, supersedes
from connectors.contract import Post
from tests.aggregator.invented import BEN, said

LATER = datetime(2009, 10, 13, tzinfo=UTC)
ORIGIN, FIRST, LATE = SourceAuthority(True, True), SourceAuthority(False, True), SourceAuthority(False, False)
SECOND_OF_ORIGIN = SourceAuthority(True, False)
WRITTEN, EDITED = said("1"), said("1", "<p>b</p>", edited_at=LATER)


@pytest.mark.parametrize(
    ("old", "new", "authority", "old_from_origin", "taken"),
    [
        # The origin's version supersedes every other server's, whatever their dates.
        (EDITED, WRITTEN, ORIGIN, False, True),
        (WRITTEN, EDITED, FIRST, True, False),
        (WRITTEN, EDITED, LATE, True, False),
        (WRITTEN, said("1", opted_out="#nobot"), LATE, True, False),
        # Of one server's versions the newer one counts, from any source.
        (WRITTEN, EDITED, ORIGIN, True, True),
        (WRITTEN, EDITED, SECOND_OF_ORIGIN, True, True),
        (EDITED, WRITTEN, ORIGIN, True, False),
        # A change that is not an edit is accepted from the primary source only.
        (WRITTEN, said("1", "<p>b</p>"), ORIGIN, True, True),
        (WRITTEN, said("1", "<p>b</p>"), SECOND_OF_ORIGIN, True, False),
        # Among other servers the primary source decides, except for an opt-out.
        (WRITTEN, EDITED, FIRST, False, True),
        (WRITTEN, EDITED, LATE, False, False),
        (EDITED, WRITTEN, FIRST, False, False),
        (WRITTEN, said("1", "<p>b</p>"), FIRST, False, True),
        (WRITTEN, said("1", opted_out="#nobot"), LATE, False, True),
        # An edit never changes the author, but the origin corrects an author from another server.
        (WRITTEN, said("1", "<p>b</p>", edited_at=LATER, author=BEN), ORIGIN, True, False),
        (WRITTEN, said("1", "<p>b</p>", edited_at=LATER, author=BEN), FIRST, False, False),
        (WRITTEN, said("1", author=BEN), ORIGIN, False, True),
    ],
)
def test_version_supersedes_by_whose_word_it_is(
    old: Post, new: Post, authority: SourceAuthority, *, old_from_origin: bool, taken: bool
) -> None:
    assert supersedes(new, old, authority, old_from_origin=old_from_origin) == taken
