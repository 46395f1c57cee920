"""`posts` and `held`: lists of posts, for people and for scripts."""

from __future__ import annotations

from typing import Any

import pytest

from web.cli.posts import MAX_WORDS

WHY = "new posts wait for approval on this wall"


@pytest.fixture
def strict(cli: Any) -> Any:
    """The wall `rehearsal`, on which new posts are held."""
    cli("wall", "create", "rehearsal", "--name", "Strict", "--mode", "approve")
    return cli


def test_held_says_that_nothing_waits(strict: Any) -> None:
    assert strict("held") == "No posts are awaiting approval.\n"
    assert strict.json("held", "--wall", "rehearsal") == []
    assert strict("held", "--keys") == ""
    assert strict.refused("held", "--wall", "quay") == "There is no wall “quay” (known: rehearsal)."


def test_held_lists_what_waits_the_newest_first_with_what_to_do_next(strict: Any) -> None:
    strict.play({"text": "Fish at the quay"}, {"text": "And chips"})
    chips, fish = strict("held", "--keys").split()
    lines = strict("held", "--wall", "rehearsal").splitlines()
    assert [lines[0].split("  ")[0], *lines[0].split("  ")[2:]] == [chips, "Ada", "@ada@quay.example", "Rehearsal"]
    assert lines[0].split("  ")[1].endswith(" s ago")
    assert [lines[1], lines[2].split("  ")[0], *lines[3:]] == [
        "    And chips",
        fish,
        "    Fish at the quay",
        f"Reason: {WHY}.",
        "Put them on the wall: backchannel approve KEY…",
        "Keep them off: backchannel hide KEY…",
    ]


def test_held_names_the_wall_where_none_was_asked_for(strict: Any) -> None:
    strict.play({"text": "Fish"})
    assert strict("held").splitlines()[0].split("  ")[2:] == ["rehearsal", "Ada", "@ada@quay.example", "Rehearsal"]


def test_held_tells_scripts_all_there_is_to_know(strict: Any) -> None:
    strict.play({"text": "Fish", "lang": "en"})
    [row] = strict.json("held")
    assert row.pop("since").endswith("Z")
    assert row.pop("at").endswith("Z")
    url = row.pop("url")
    assert row == {
        "wall": "rehearsal",
        "id": strict("held", "--keys").strip(),
        "state": "held",
        "why": WHY,
        "network": "rehearsal",
        "author": {"name": "Ada", "handle": "@ada@quay.example"},
        "words": "Fish",
    }
    assert strict.json("approve", url)[0]["id"] == row["id"]


def test_what_was_approved_or_hidden_waits_no_longer(strict: Any) -> None:
    strict.play({"text": "one"}, {"text": "two"}, {"text": "three"})
    three, two, one = strict("held", "--keys").split()
    strict("approve", three, one)
    strict("hide", two)
    assert strict.json("held") == []


def test_held_shows_a_screenful_and_says_how_to_see_more(strict: Any) -> None:
    strict.play(*({"text": f"post {number}"} for number in range(23)))
    lines = strict("held").splitlines()
    assert [line.strip() for line in lines[1:40:2]] == [f"post {number}" for number in range(22, 2, -1)]
    assert lines[41] == "These are the newest 20 of 23 awaiting approval; for more: --limit 23"
    assert "post 0" in strict("held", "--limit", "23")
    assert [len(strict.json("held")), len(strict("held", "--keys").split())] == [23, 23]
    assert [row["words"] for row in strict.json("held", "-n", "1")] == ["post 22"]


@pytest.mark.parametrize(
    ("limit", "bound"),
    [("0", "it must be 1 or more"), ("9" * 22, "it must be 1000000 or less")],
)
def test_held_takes_no_limit_that_no_list_could_have(strict: Any, limit: str, bound: str) -> None:
    assert f"'--limit' / '-n': {bound}." in strict.run("held", "-n", limit, code=2).stderr


def test_held_shows_what_a_content_warning_covers_and_shortens_what_is_long(strict: Any) -> None:
    strict.play({"text": f"The gull did it.\n\n{'quay ' * 100}", "warning": "spoilers"})
    words = strict.json("held")[0]["words"]
    assert (words[:32], words[-5:], len(words)) == ("[spoilers] The gull did it. quay", "ay q…", MAX_WORDS)


def test_foreign_words_cannot_steer_the_terminal(strict: Any) -> None:
    strict.play({"text": "a\x1b[2Jb\u202ec"})
    assert strict("held").splitlines()[1] == "    a[2Jbc"


# --- posts in every state -----------------------------------------------------------------------------------------


def test_posts_says_that_there_are_none(cli: Any) -> None:
    cli("wall", "create", "quay", "--name", "Quay")
    assert cli("posts") == "There are no posts yet.\n"
    assert cli("posts", "--search", "fish") == "No such posts.\n"
    assert (cli.json("posts"), cli("posts", "--keys")) == ([], "")


def test_posts_are_listed_with_their_state_and_why(cli: Any) -> None:
    cli.play({"text": "Fish"}, {"text": "Chips"})
    chips, fish = cli("posts", "--keys").split()
    cli("hide", fish, "--reason", "spam")
    lines = cli("posts", "--wall", "rehearsal").splitlines()
    head = ["Ada", "@ada@quay.example", "Rehearsal"]
    assert [lines[0].split("  ")[0], *lines[0].split("  ")[2:]] == [chips, "live", *head]
    assert [lines[2].split("  ")[0], *lines[2].split("  ")[2:]] == [fish, "hidden", *head]
    assert [lines[1], *lines[3:]] == ["    Chips", "    Fish", "    hidden: spam"]


def test_posts_of_one_state_can_be_decided_by_their_keys(cli: Any) -> None:
    cli.play({"text": "Fish"}, {"text": "Chips"})
    key = cli("posts", "--search", "fish", "--keys").strip()
    cli("hide", key)
    assert [row["words"] for row in cli.json("posts", "--state", "hidden")] == ["Fish"]
    assert [row["words"] for row in cli.json("posts", "--state", "live")] == ["Chips"]
    cli("approve", *cli("posts", "--state", "hidden", "--keys").split())
    assert [row["state"] for row in cli.json("posts")] == ["live", "live"]


def test_of_a_withdrawn_post_only_the_key_is_listed(cli: Any) -> None:
    cli.play({"text": "Fish"})
    key = cli("posts", "--keys").strip()
    cli("withdraw", key, "--reason", "asked by its author", "--yes")
    assert cli("posts") == "There are no posts yet.\n"
    [row] = cli.json("posts", "--state", "withdrawn")
    assert [row[name] for name in ("id", "url", "author", "words")] == [key, "", None, ""]
    assert cli("posts", "--state", "withdrawn").splitlines()[1] == "    withdrawn: asked by its author"


def test_a_search_shows_a_screenful_and_says_that_there_is_more(cli: Any) -> None:
    cli.play(*({"text": f"post {number}"} for number in range(22)))
    assert cli("posts", "--search", "POST").splitlines()[-1] == (
        "These are the newest 20, and there are more; for more: --limit 40"
    )
    assert cli("posts", "--search", "post", "-n", "22").splitlines()[-1] == "    post 0"
    assert cli("posts").splitlines()[-1] == "These are the newest 20 of 22; for more: --limit 22"


def test_posts_takes_no_state_that_there_is_not(cli: Any) -> None:
    refused = cli.run("posts", "--state", "gone", code=2).stderr
    assert all(state in refused for state in ("live", "hidden", "held", "withdrawn"))
