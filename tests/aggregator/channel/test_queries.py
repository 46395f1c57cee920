"""The reply of records: requested by many, read once."""

import asyncio
import json

import pytest

from aggregator.channel.publish import MAX_BODY, Draft, NoChannel, open_channel, publish
from aggregator.channel.queries import MAX_CACHED_BYTES, Question, RecordQueries
from aggregator.channel.read import MAX_RECORDS
from aggregator.store.store import Store


async def fill(store: Store, posts: int) -> None:
    async with store.write() as db:
        await open_channel(db, "a/wall")
        await publish(db, "a/wall", [Draft("post", f"{n:03}", n, b"{}") for n in range(posts)])


def keys(reply_json: bytes) -> list[str]:
    return [record["key"] for record in json.loads(reply_json)["records"]]


async def test_replies_answer_the_three_questions(store: Store) -> None:
    await fill(store, 5)
    replies = RecordQueries(store)
    newest = await replies.answer(Question("a/wall", limit=2))
    later = await replies.answer(Question("a/wall", since=3))
    older = await replies.answer(Question("a/wall", before=3, limit=2))
    assert [keys(reply.json) for reply in (newest, later, older)] == [["004", "003"], ["003", "004"], ["002", "001"]]
    assert len({newest.tag, later.tag, older.tag}) == 3


async def test_replies_are_encoded_once_until_the_channel_moves(store: Store) -> None:
    await fill(store, 3)
    replies = RecordQueries(store)
    first, again = await asyncio.gather(*(replies.answer(Question("a/wall")) for _ in range(2)))
    assert first is again
    async with store.write() as db:
        await publish(db, "a/wall", [Draft("post", "new", 9, b"{}")])
    moved = await replies.answer(Question("a/wall"))
    assert (keys(moved.json)[0], moved.tag == first.tag) == ("new", False)


async def test_replies_have_a_bound(store: Store) -> None:
    await fill(store, MAX_RECORDS + 5)
    assert len(keys((await RecordQueries(store).answer(Question("a/wall", limit=10**6))).json)) == MAX_RECORDS


async def test_replies_about_an_unknown_channel_say_so(store: Store) -> None:
    with pytest.raises(NoChannel):
        await RecordQueries(store).answer(Question("nowhere/wall"))


async def test_replies_forget_the_oldest_answers(store: Store) -> None:
    await fill(store, 1)
    replies = RecordQueries(store, most=8)
    questions = [Question("a/wall", limit=limit) for limit in range(1, 10)]
    oldest, second, *_, newest = [await replies.answer(question) for question in questions]
    assert await replies.answer(questions[1]) is second
    assert await replies.answer(questions[-1]) is newest
    assert await replies.answer(questions[0]) is not oldest


async def test_replies_keep_no_more_than_fits(store: Store) -> None:
    async with store.write() as db:
        await open_channel(db, "a/wall")
        long = b'"' + b"x" * (MAX_BODY - 2) + b'"'
        notices = [Draft("notice", str(n), 0, long) for n in range(MAX_CACHED_BYTES // 3 // MAX_BODY + 1)]
        await publish(db, "a/wall", notices)
    replies = RecordQueries(store)
    answers = {limit: await replies.answer(Question("a/wall", limit=limit)) for limit in range(1, 5)}
    kept = [await replies.answer(Question("a/wall", limit=limit)) is answers[limit] for limit in (4, 3, 2)]
    assert kept == [True, True, False]


async def test_replies_do_not_remember_a_failure(store: Store) -> None:
    await fill(store, 1)
    replies = RecordQueries(store)
    question = Question("a/wall", before=2**70)  # no database has such a number
    failures = []
    for _ in range(2):
        with pytest.raises(Exception, match=r"too large|out of range|int8|int64") as failure:
            await replies.answer(question)
        failures.append(failure.value)
    assert failures[0] is not failures[1]


async def test_replies_keep_nothing_of_what_is_asked_about_the_future(store: Store) -> None:
    """Queries about any seq leave the shared snapshot in the cache, and a reset costs no toll."""
    await fill(store, 3)
    replies = RecordQueries(store)
    snapshot = await replies.answer(Question("a/wall"))
    for number in range(300):
        nothing = await replies.answer(Question("a/wall", since=3 + number, limit=1 + number % 200), toll=refuse)
        assert (nothing.head, keys(nothing.json)) == (3, [])
    assert await replies.answer(Question("a/wall")) is snapshot


async def test_replies_keep_what_is_asked_for_again(store: Store) -> None:
    await fill(store, 3)
    replies = RecordQueries(store, most=8)
    snapshot = await replies.answer(Question("a/wall"))
    for number in range(20):
        await replies.answer(Question("a/wall", before=number + 1))
        assert await replies.answer(Question("a/wall")) is snapshot


def refuse() -> None:
    raise AssertionError("this costs nothing")
