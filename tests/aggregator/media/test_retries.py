"""The consequence of each error for the next try."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from aggregator import timestamps
from aggregator.media.images import BadPicture
from aggregator.media.retries import Failure, failure
from aggregator.media.sandbox import SandboxCrashed
from aggregator.media.tables import StoredPicture
from connectors.errors import ConnectorError, Forbidden, InvalidResponse, NotFound, RateLimited, Unavailable

PICTURE = StoredPicture(
    id="p", network="feeds", url="https://a.example/", purpose="picture", next_try_at=timestamps.now()
)


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        (BadPicture("No picture."), Failure("p", "No picture.", final=True)),
        (NotFound("Not there."), Failure("p", "Not there.", final=True)),
        (Forbidden("Not for you."), Failure("p", "Not for you.", final=True)),
        (InvalidResponse("Too large."), Failure("p", "Too large.", final=True)),
        (RateLimited("Slowly.", 600), Failure("p", "Slowly.", wait=600)),
        (RateLimited("Slowly.", 1), Failure("p", "Slowly.", wait=60)),
        (Unavailable("No answer."), Failure("p", "No answer.")),
        (ConnectorError("Something."), Failure("p", "Something.")),
        (SandboxCrashed("Fell."), Failure("p", "Fell.")),
        (TimeoutError(), Failure("p", "Timed out while fetching the picture.")),
    ],
)
def test_trouble_decides_whether_to_try_again(trouble: Exception, expected: Failure) -> None:
    with capture_logs() as logs:
        assert failure(PICTURE, trouble) == expected
    assert logs == []


def test_full_disk_is_no_fault_of_the_picture() -> None:
    with capture_logs() as logs:
        found = failure(PICTURE, OSError(28, "No space left on device"))
    assert found == Failure("p", "Picture not stored: [Errno 28] No space left on device", wait=60)
    assert [(entry["log_level"], entry["event"]) for entry in logs] == [("error", "picture not stored")]


def test_mistake_of_ours_is_logged_with_its_place() -> None:
    mistake = KeyError("x")
    with capture_logs() as logs:
        found = failure(PICTURE, mistake)
    assert found == Failure("p", "Unexpected error with the picture (KeyError).")
    assert [entry["exc_info"] for entry in logs] == [mistake]
