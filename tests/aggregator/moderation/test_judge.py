"""The judge of a wall: where posts begin, what edits change, and what is left once a rule has ended."""

from datetime import datetime, timedelta

import pytest

from aggregator.items.tables import KEPT, State
from aggregator.moderation.judge import ItemBefore, Judge, Ruling
from aggregator.moderation.rules import UNSHOWN
from aggregator.store.store import Store
from aggregator.walls.tables import Mode, stricter
from connectors.contract import Person
from tests.aggregator.invented import ADA, BEN, START, a_wall, said

HIDES_ADA = Judge(Mode.OPEN, hidden={"ada@invented.example": "spam"})
HELD, LIVE = State.HELD.value, State.LIVE.value
WAITS = "new posts wait for approval on this wall"
LEFT_OUT = Ruling(State.HIDDEN, "the author asks to be left out: #nobot")
SPAM = "its author is hidden on this wall: spam"


@pytest.mark.parametrize(
    ("mode", "wish", "ruling"),
    [
        (Mode.OPEN, "", Ruling(State.LIVE, "")),
        (Mode.APPROVE, "", Ruling(State.HELD, WAITS)),
        (Mode.OPEN, "#nobot", LEFT_OUT),
        (Mode.APPROVE, "#nobot", LEFT_OUT),
    ],
)
def test_new_post_begins_where_wall_and_author_say(mode: Mode, wish: str, ruling: Ruling) -> None:
    assert Judge(mode).initial_ruling(said("1", opted_out=wish)) == ruling


TRUSTS_ADA = Judge(
    Mode.TRUSTED, hidden={"ben@invented.example": "spam"}, trusted=["ada@invented.example", "ben@invented.example"]
)
CY = Person(name="Cy", handle="@cy@invented.example", url="")


def test_posts_of_trusted_authors_alone_are_live_at_once() -> None:
    assert TRUSTS_ADA.initial_ruling(said("1")) == Ruling(State.LIVE, "")
    assert TRUSTS_ADA.initial_ruling(said("1", author=CY)).state == State.HELD
    assert TRUSTS_ADA.initial_ruling(said("1", author=BEN)).ruled_out == "ben@invented.example", "a rule is stronger"
    assert TRUSTS_ADA.initial_ruling(said("1", opted_out="#nobot")) == LEFT_OUT


@pytest.mark.parametrize("mode", list(Mode))
def test_frozen_wall_lets_what_would_be_live_wait_and_nothing_else(mode: Mode) -> None:
    elsewhere, frozen = Judge(mode).initial_ruling(said("1")), Judge(mode, is_frozen=True).initial_ruling(said("1"))
    assert (frozen.thawed(), frozen.frozen_from) == (elsewhere, LIVE if elsewhere.state == State.LIVE else None)
    assert frozen.state == State.HELD


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("open", None, Mode.OPEN),
        ("open", "approve", Mode.APPROVE),
        ("approve", "open", Mode.APPROVE),
        ("trusted", "open", Mode.TRUSTED),
        ("trusted", "approve", Mode.APPROVE),
        ("open", "trusted", Mode.TRUSTED),
    ],
)
def test_source_may_be_stricter_than_its_wall_and_never_laxer(one: str, other: str | None, both: Mode) -> None:
    assert stricter(one, other) == both


def test_mode_is_known_by_its_word_as_databases_give_it_back() -> None:
    assert Judge("approve").initial_ruling(said("1")).state == State.HELD


@pytest.mark.parametrize(("said_at", "state"), [(START, State.LIVE), (START - timedelta(seconds=1), State.HIDDEN)])
def test_what_was_said_before_a_wall_begins_stays_off_it(said_at: datetime, state: State) -> None:
    assert Judge("open", START).initial_ruling(said("1", created_at=said_at)).state == state


def test_post_of_a_hidden_author_begins_hidden_with_what_it_would_be() -> None:
    assert HIDES_ADA.initial_ruling(said("1")) == Ruling(State.HIDDEN, SPAM, "ada@invented.example", LIVE)
    assert HIDES_ADA.initial_ruling(said("1", author=BEN)) == Ruling(State.LIVE, "")
    assert HIDES_ADA.initial_ruling(said("1", opted_out="#nobot")) == LEFT_OUT


@pytest.mark.parametrize("mode", [Mode.OPEN, Mode.APPROVE])
@pytest.mark.parametrize("state", list(State))
def test_edit_of_words_changes_no_state(mode: Mode, state: State) -> None:
    """Whatever the wall's mode is: no post is held again, and none that was hidden comes back."""
    assert Judge(mode).ruling_after_edit(said("1", "<p>Mended.</p>"), ItemBefore(state, None, ADA.handle)) is None


@pytest.mark.parametrize(("state", "ruling"), [(State.LIVE, LEFT_OUT), (State.HELD, LEFT_OUT), (State.HIDDEN, None)])
def test_edit_with_which_an_author_asks_to_be_left_out_hides(state: State, ruling: Ruling | None) -> None:
    assert (
        Judge(Mode.OPEN).ruling_after_edit(said("1", opted_out="#nobot"), ItemBefore(state, None, ADA.handle)) == ruling
    )


def test_edit_under_the_same_handle_leaves_what_a_person_has_approved() -> None:
    assert HIDES_ADA.ruling_after_edit(said("1"), ItemBefore(State.LIVE, None, "@ADA@invented.example")) is None


@pytest.mark.parametrize(
    ("state", "returns_to", "ruled_from", "stays"),
    [
        (State.LIVE, None, LIVE, None),
        (State.HELD, None, HELD, None),
        (State.LIVE, KEPT, LIVE, KEPT),
        (State.HIDDEN, LIVE, LIVE, None),
    ],
)
def test_edit_with_which_an_author_takes_a_hidden_handle_hides(
    state: State, returns_to: str | None, ruled_from: str, stays: str | None
) -> None:
    ruling = Ruling(State.HIDDEN, SPAM, "ada@invented.example", ruled_from, stays)
    assert HIDES_ADA.ruling_after_edit(said("1"), ItemBefore(state, returns_to, "@old@invented.example")) == ruling


@pytest.mark.parametrize("state", [State.HIDDEN, State.WITHDRAWN])
def test_edit_leaves_what_a_person_has_hidden_or_is_gone(state: State) -> None:
    assert HIDES_ADA.ruling_after_edit(said("1"), ItemBefore(state, None, "@old@invented.example")) is None


@pytest.mark.parametrize(
    ("wish", "before", "returns_to", "is_shown", "ruling"),
    [
        ("", LIVE, None, True, Ruling(State.LIVE, "")),
        ("", HELD, None, True, Ruling(State.HELD, WAITS)),
        ("", LIVE, None, False, Ruling(State.HIDDEN, UNSHOWN, returns_to=LIVE)),
        ("", LIVE, KEPT, False, Ruling(State.LIVE, "", returns_to=KEPT)),
        ("#nobot", LIVE, None, False, LEFT_OUT),
    ],
)
def test_end_of_a_rule_gives_back_the_state_from_before_it(
    *, wish: str, before: str, returns_to: str | None, is_shown: bool, ruling: Ruling
) -> None:
    post = said("1", opted_out=wish)
    assert Judge(Mode.APPROVE).ruling_without_rule(post, before, returns_to=returns_to, is_shown=is_shown) == ruling


def test_end_of_a_rule_leaves_what_another_rule_hides() -> None:
    released = HIDES_ADA.ruling_without_rule(said("1"), HELD, returns_to=None, is_shown=True)
    assert released == Ruling(State.HIDDEN, SPAM, "ada@invented.example", HELD)


async def test_judge_without_people_asks_nothing_and_hides_nobody(store: Store) -> None:
    wall = await a_wall(store, mode=Mode.APPROVE)
    async with store.read() as db:
        judge = await Judge.load(db, wall, [])
        assert not db.in_transaction()
    assert (judge.hides(ADA.handle), judge.initial_ruling(said("1")).state) == (False, State.HELD)
