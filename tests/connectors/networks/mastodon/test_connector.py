"""Hashtags and accounts of the Mastodon-shaped server on a real socket, and recorded replies."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from connectors.contract import Address, Page, Person
from connectors.errors import NotFound, Unavailable
from connectors.http.client import Http
from connectors.networks.mastodon.options import Credentials, Options
from connectors.networks.mastodon.reading import STRANGE
from connectors.sandbox import Inline
from tests.connectors.networks.mastodon.sources import account, keys, mastodon, tag
from tests.fakes.mastodon_server import MastodonServer
from tests.recorded import elsewhere, path

# --- hashtags ----------------------------------------------------------------------------------------------------


async def test_hashtag_brings_what_was_posted_oldest_first(server: MastodonServer, http: Http) -> None:
    refs = [server.post(f"{word} #socitm09", tags=["socitm09"]) for word in ("One", "Two")]
    server.post("Something else", tags=["lunch"])
    page = await mastodon.poll(http, tag(server), "")
    assert keys(page) == [server.uri(ref) for ref in refs]
    assert page.refs == {server.uri(ref): ref for ref in refs}
    assert page.posts[0].html == (
        f'<p>One <a class="mention hashtag" href="{server.url}/tags/socitm09" '
        'target="_blank" rel="nofollow noopener noreferrer ugc">#<span>socitm09</span></a></p>'
    )


async def test_hashtag_brings_what_is_new_and_edits(server: MastodonServer, http: Http) -> None:
    first = server.post("One #socitm09", tags=["socitm09"])
    before = await mastodon.poll(http, tag(server), "")
    server.edit(first, "One, corrected #socitm09")
    late = server.post("Late #socitm09", tags=["socitm09"], late_by=1)
    after = await mastodon.poll(http, tag(server), before.cursor)
    assert keys(after) == [server.uri(late), server.uri(first)]
    assert (after.posts[1].edited_at is None, "corrected" in after.posts[1].html) == (False, True)


async def test_hashtag_costs_one_small_request_while_nothing_happens(server: MastodonServer, http: Http) -> None:
    server.post("One #socitm09", tags=["socitm09"])
    first = await mastodon.poll(http, tag(server), "")
    second = await mastodon.poll(http, tag(server), first.cursor)
    assert second == Page(cursor=first.cursor)
    assert [line for line in server.requests if "max_id" not in line] == [
        "GET /api/v1/timelines/tag/socitm09?limit=40"
    ] * 2


async def test_hashtag_skips_nothing_when_many_arrive_between_two_polls(server: MastodonServer, http: Http) -> None:
    server.post("Before #socitm09", tags=["socitm09"])
    page = await mastodon.poll(http, tag(server), "")
    refs = [server.post(f"{number} #socitm09", tags=["socitm09"]) for number in range(330)]
    given: list[str] = []
    while True:
        page = await mastodon.poll(http, tag(server), page.cursor)
        given += keys(page)
        if not page.more:
            break
    assert given == [server.uri(ref) for ref in refs]


async def test_hashtag_that_nobody_used_yet_is_empty_and_then_complete(http: Http) -> None:
    recorded = json.loads(path("gotosocial/tag_unknown.json").read_text())
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        if request.url.path == "/api/v2/instance":
            return httpx.Response(200, json=json.loads(path("gotosocial/instance_v2.json").read_text())["body"])
        return httpx.Response(recorded["status"], json=recorded["body"])

    source = Address(network="mastodon", kind="hashtag", value="nosuchtag", server="https://gts.example")
    async with Http(transport=httpx.MockTransport(answer), sandbox=Inline) as client:
        page = await mastodon.poll(client, source, "")
        again = await mastodon.poll(client, source, page.cursor)
    assert (page, again) == (Page(cursor='{"unused":true}'), Page(cursor='{"unused":true}'))
    assert asked == ["/api/v1/timelines/tag/nosuchtag", "/api/v2/instance", "/api/v1/timelines/tag/nosuchtag"]


async def test_hashtag_of_a_server_that_is_in_trouble_is_not_called_strange(server: MastodonServer, http: Http) -> None:
    """Its 404 is believed only once the server has identified itself."""
    server.fail(404, path="/timelines/")
    server.fail(503, path="/instance")
    with pytest.raises(Unavailable):
        await mastodon.poll(http, tag(server), "")


async def test_hashtag_that_began_empty_misses_none_of_its_first_crowd(server: MastodonServer, http: Http) -> None:
    page = await mastodon.poll(http, tag(server), "")
    refs = [server.post(f"{number} #socitm09", tags=["socitm09"]) for number in range(130)]
    page = await mastodon.poll(http, tag(server), page.cursor)
    assert (keys(page), page.more) == ([server.uri(ref) for ref in refs], False)


async def test_hashtag_cannot_be_gone(server: MastodonServer, http: Http) -> None:
    server.fail(410, path="/timelines/")
    assert await mastodon.poll(http, tag(server), "") == Page(cursor='{"unused":true}')


async def test_hashtag_asks_for_further_tags_and_media_only(server: MastodonServer, http: Http) -> None:
    picture = server.picture(64, 48, alt="Five green squares")
    wanted = server.post("#other and #all", tags=["other", "all"], media=[picture])
    server.post("#socitm09 without the second", tags=["socitm09"], media=[picture])
    server.post("#socitm09 #all #spam", tags=["socitm09", "all", "spam"], media=[picture])
    server.post("#socitm09 #all without a picture", tags=["socitm09", "all"])
    source = tag(server, any=["#Öther"], all=["all"], none=["spam"], only_media=True)
    page = await mastodon.poll(http, source, "")
    assert keys(page) == [server.uri(wanted)]
    assert server.requests[:1] == [
        "GET /api/v1/timelines/tag/socitm09?limit=40&only_media=true&any%5B%5D=other&all%5B%5D=all&none%5B%5D=spam"
    ]
    (medium,) = page.posts[0].media
    assert (medium.alt, medium.width, medium.height, medium.focus) == ("Five green squares", 64, 48, (0.0, 0.0))
    assert (await mastodon.picture(http, medium.url)).startswith(b"\x89PNG")


@pytest.mark.parametrize("options", [{"any": ["a", "b", "c", "d", "e"]}, {"all": ["2009"]}, {"none": [5]}, {"more": 1}])
def test_options_refuse_what_servers_cannot_do(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate(options)


def test_options_keep_the_token_out_of_logs() -> None:
    assert "s3cret" not in repr(Credentials(token="s3cret"))


async def test_one_broken_status_costs_no_other(http: Http) -> None:
    body = json.loads(path("gotosocial/tag_page1_limit5.json").read_text())["body"]
    body[1]["visibility"] = {"to": "all"}
    body[3]["created_at"] = "yesterday"
    body[2] = "not even an object"
    source = Address(network="mastodon", kind="hashtag", value="socitm09", server="https://gts.example")
    async with Http(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=body)), sandbox=Inline) as client:
        page = await mastodon.poll(client, source, "")
    assert keys(page) == [body[index]["uri"] for index in (4, 3, 0)]
    assert page.broken == (
        f"Unreadable post (without an id): {STRANGE}.",
        f"Unreadable post ({body[1]['id']}): {STRANGE}.",
    )


# --- accounts ----------------------------------------------------------------------------------------------------


async def test_account_is_looked_up_once(server: MastodonServer, http: Http) -> None:
    ref = server.post("Mine", visibility="unlisted")
    server.post("Not for everyone", visibility="private")
    server.post("Someone else's", by="grace")
    page = await mastodon.poll(http, account(server, unlisted=True), "")
    await mastodon.poll(http, account(server, unlisted=True), page.cursor)
    assert keys(page) == [server.uri(ref)]
    assert server.requests == [
        "GET /api/v1/accounts/lookup?acct=ada",
        "GET /api/v1/accounts/100/statuses?limit=40",
        f"GET /api/v1/accounts/100/statuses?limit=40&max_id={ref}",
        "GET /api/v1/accounts/100/statuses?limit=40",
    ]


async def test_account_keeps_its_unlisted_posts_to_itself_unless_asked(server: MastodonServer, http: Http) -> None:
    server.post("Quietly", visibility="unlisted")
    server.boost(server.post("Hers, quietly", by="grace", visibility="unlisted"), by="ada")
    assert keys(await mastodon.poll(http, account(server), "")) == []
    mine = await mastodon.poll(http, account(server, unlisted=True), "")
    assert [post.author.name for post in mine.posts] == ["Ada"]


async def test_account_of_another_server_is_looked_up_by_its_full_name(server: MastodonServer, http: Http) -> None:
    server.account("ada@far.example")
    ref = server.post("From afar", by="ada@far.example")
    source = Address(network="mastodon", kind="account", value="ada@far.example", server=server.url)
    assert keys(await mastodon.poll(http, source, "")) == [server.uri(ref)]


async def test_account_that_does_not_exist_is_missing(server: MastodonServer, http: Http) -> None:
    with pytest.raises(
        NotFound, match=rf"^Account not found: {server.host} has no account @nobody@{server.host}\. Check the"
    ):
        await mastodon.poll(http, account(server, "nobody"), "")


async def test_account_that_vanishes_is_missing(server: MastodonServer, http: Http) -> None:
    server.post("Mine")
    page = await mastodon.poll(http, account(server), "")
    server.fail(404)
    with pytest.raises(NotFound):
        await mastodon.poll(http, account(server), page.cursor)


async def test_account_leaves_out_replies_and_boosts_if_asked(server: MastodonServer, http: Http) -> None:
    ref = server.post("Mine")
    server.post("A reply", in_reply_to_id=ref)
    server.boost(server.post("Hers", by="grace"), by="ada")
    page = await mastodon.poll(http, account(server, exclude_replies=True, exclude_reblogs=True), "")
    assert keys(page) == [server.uri(ref)]


async def test_boost_is_shown_as_the_original_with_who_boosted(server: MastodonServer, http: Http) -> None:
    original = server.post("Hers", by="grace")
    server.boost(original, by="ada")
    page = await mastodon.poll(http, account(server), "")
    assert [(post.key, post.author.name) for post in page.posts] == [(server.uri(original), "Grace")]
    assert page.refs == {server.uri(original): original}
    assert page.boosts == {
        server.uri(original): Person(
            name="Ada",
            handle=f"@ada@{server.host}",
            url=f"{server.url}/@ada",
            avatar=f"{server.url}/avatars/ada.png",
        )
    }


async def test_boost_that_was_undone_is_missed(server: MastodonServer, http: Http) -> None:
    original = server.post("Hers", by="grace")
    boost = server.boost(original, by="ada")
    server.post("Ada's own", by="ada")
    before = await mastodon.poll(http, account(server), "")
    server.delete(boost)
    after = await mastodon.poll(http, account(server), before.cursor)
    assert after.missing == (server.uri(original),)
    assert after.gone == ()
    assert after.to_recheck == (original,), "the post itself may be deleted: it is looked at again"


async def test_boost_whose_post_is_not_for_everyone_any_more_bears_no_witness_to_it(
    server: MastodonServer, http: Http
) -> None:
    """Some servers list it all the same, and answer 404 for the post."""
    original = server.post("Hers", by="grace")
    server.boost(original, by="ada")
    server.post("Ada's own", by="ada")
    server.edit(original, "Hers", visibility="private")
    page = await mastodon.recheck(http, account(server), {server.uri(original): original})
    assert page.gone == (server.uri(original),)


async def test_boosts_of_what_is_not_for_everyone_are_left_out(server: MastodonServer, http: Http) -> None:
    server.boost(server.post("Private", by="grace", visibility="private"), by="ada")
    server.boost(server.post("Public", by="grace"), by="ada", visibility="private")
    page = await mastodon.poll(http, account(server), "")
    assert page == Page(cursor=page.cursor)


@pytest.mark.parametrize("wish", [{"noindex": True}, {"note": "<p>#nobot</p>"}])
async def test_booster_who_asks_to_be_left_out_is_not_named(
    server: MastodonServer, http: Http, wish: dict[str, Any]
) -> None:
    server.account("ada", **wish)
    original = server.post("Hers", by="grace")
    server.boost(original, by="ada")
    page = await mastodon.poll(http, account(server), "")
    assert (keys(page), page.boosts) == ([server.uri(original)], {})


async def test_boost_of_ones_own_post_is_no_boost(server: MastodonServer, http: Http) -> None:
    mine, hers = server.post("Mine"), server.post("Hers", by="grace")
    for _ in range(2):
        server.boost(hers, by="ada")
    server.boost(mine, by="ada")
    page = await mastodon.poll(http, account(server), "")
    assert (keys(page), list(page.boosts)) == ([server.uri(mine), server.uri(hers)], [server.uri(hers)])


@elsewhere
def test_recorded_boost_of_a_private_kind_is_left_out() -> None:
    body = json.loads(path("mastodon/status_boost.json").read_text())["body"]
    source = Address(network="mastodon", kind="hashtag", value="x", server="https://m.example")

    async def poll() -> Page:
        wire = httpx.MockTransport(lambda _: httpx.Response(200, json=[body]))
        async with Http(transport=wire, sandbox=Inline) as client:
            return await mastodon.poll(client, source, "")

    assert asyncio.run(poll()).posts == ()
