"""The Mastodon connector against servers: one on a real socket that we control, one from PyPI, and recorded replies."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any, Self

import httpx
import pytest
from mastodon_mock.testing.server import MockServer
from pydantic import ValidationError

from connectors._base import Address, Missing, Page, Person, Refused, Throttled, Trouble, Unreachable, Unreadable
from connectors._http import Http
from connectors._mastodon_names import origin
from connectors.mastodon import Mastodon, Options
from tests.mastodon_server import MastodonServer
from tests.recorded import elsewhere, path

mastodon = Mastodon()


@pytest.fixture(scope="module")
def running() -> Iterator[MastodonServer]:
    with MastodonServer() as server:
        yield server


@pytest.fixture
def server(running: MastodonServer) -> MastodonServer:
    running.reset()
    return running


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http(allow_hosts=["127.0.0.1"], per_second=10_000) as client:
        yield client


def tag(server: MastodonServer, value: str = "socitm09", **options: object) -> Address:
    return Address(network="mastodon", kind="hashtag", value=value, server=server.url, options=options)


def account(server: MastodonServer, user: str = "ada", **options: object) -> Address:
    return Address(
        network="mastodon", kind="account", value=f"{user}@{server.host}", server=server.url, options=options
    )


def keys(page: Page) -> list[str]:
    return [post.key for post in page.posts]


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
    assert server.requests == ["GET /api/v1/timelines/tag/socitm09?limit=40"] * 2


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
        asked.append(request.url.query.decode())
        return httpx.Response(recorded["status"], json=recorded["body"])

    source = Address(network="mastodon", kind="hashtag", value="nosuchtag", server="https://gts.example")
    async with Http(transport=httpx.MockTransport(answer)) as client:
        page = await mastodon.poll(client, source, "")
        again = await mastodon.poll(client, source, page.cursor)
    assert (page, again) == (Page(cursor="{}"), Page(cursor="{}"))
    assert asked == ["limit=40", "limit=40"]


async def test_hashtag_that_began_empty_misses_none_of_its_first_crowd(server: MastodonServer, http: Http) -> None:
    page = await mastodon.poll(http, tag(server), "")
    refs = [server.post(f"{number} #socitm09", tags=["socitm09"]) for number in range(130)]
    page = await mastodon.poll(http, tag(server), page.cursor)
    assert (keys(page), page.more) == ([server.uri(ref) for ref in refs], False)


async def test_hashtag_that_is_gone_for_good_says_so(server: MastodonServer, http: Http) -> None:
    server.fail(410)
    with pytest.raises(Missing):
        await mastodon.poll(http, tag(server), "")


async def test_hashtag_asks_for_further_tags_and_media_only(server: MastodonServer, http: Http) -> None:
    picture = server.picture(64, 48, alt="Five green squares")
    wanted = server.post("#other and #all", tags=["other", "all"], media=[picture])
    server.post("#socitm09 without the second", tags=["socitm09"], media=[picture])
    server.post("#socitm09 #all #spam", tags=["socitm09", "all", "spam"], media=[picture])
    server.post("#socitm09 #all without a picture", tags=["socitm09", "all"])
    source = tag(server, any=["#Öther"], all=["all"], none=["spam"], only_media=True)
    page = await mastodon.poll(http, source, "")
    assert keys(page) == [server.uri(wanted)]
    assert server.requests == [
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
    assert "s3cret" not in repr(Options(token="s3cret"))


async def test_one_broken_status_costs_no_other(http: Http) -> None:
    body = json.loads(path("gotosocial/tag_page1_limit5.json").read_text())["body"]
    body[1]["created_at"] = "yesterday"
    body[2] = "not even an object"
    source = Address(network="mastodon", kind="hashtag", value="socitm09", server="https://gts.example")
    async with Http(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=body))) as client:
        page = await mastodon.poll(client, source, "")
    assert keys(page) == [body[index]["uri"] for index in (4, 3, 0)]
    assert page.broken == (
        "A post could not be read (without an id): Expected `object`, got `str`.",
        f"A post could not be read ({body[1]['id']}): Invalid RFC3339 encoded datetime - at `$.created_at`.",
    )


# --- accounts ----------------------------------------------------------------------------------------------------


async def test_account_is_looked_up_once(server: MastodonServer, http: Http) -> None:
    ref = server.post("Mine", visibility="unlisted")
    server.post("Not for everyone", visibility="private")
    server.post("Someone else's", by="grace")
    page = await mastodon.poll(http, account(server), "")
    await mastodon.poll(http, account(server), page.cursor)
    assert keys(page) == [server.uri(ref)]
    assert server.requests == [
        "GET /api/v1/accounts/lookup?acct=ada",
        "GET /api/v1/accounts/100/statuses?limit=40",
        "GET /api/v1/accounts/100/statuses?limit=40",
    ]


async def test_account_of_another_server_is_looked_up_by_its_full_name(server: MastodonServer, http: Http) -> None:
    server.account("ada@far.example")
    ref = server.post("From afar", by="ada@far.example")
    source = Address(network="mastodon", kind="account", value="ada@far.example", server=server.url)
    assert keys(await mastodon.poll(http, source, "")) == [server.uri(ref)]


async def test_account_that_does_not_exist_is_missing(server: MastodonServer, http: Http) -> None:
    with pytest.raises(Missing, match=rf"^{server.host} knows no account @nobody@{server.host}: check the spelling"):
        await mastodon.poll(http, account(server, "nobody"), "")


async def test_account_that_vanishes_is_missing(server: MastodonServer, http: Http) -> None:
    server.post("Mine")
    page = await mastodon.poll(http, account(server), "")
    server.fail(404)
    with pytest.raises(Missing):
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


async def test_boosts_of_what_is_not_for_everyone_are_left_out(server: MastodonServer, http: Http) -> None:
    server.boost(server.post("Private", by="grace", visibility="private"), by="ada")
    server.boost(server.post("Public", by="grace"), by="ada", visibility="private")
    assert await mastodon.poll(http, account(server), "") == Page(
        cursor=(await mastodon.poll(http, account(server), "")).cursor
    )


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
        async with Http(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=[body]))) as client:
            return await mastodon.poll(client, source, "")

    assert asyncio.run(poll()).posts == ()


# --- refusals ----------------------------------------------------------------------------------------------------


async def test_token_is_asked_for_in_plain_words_and_then_used(server: MastodonServer, http: Http) -> None:
    server.token = "s3cret"
    ref = server.post("One #socitm09", tags=["socitm09"])
    with pytest.raises(Refused, match=r"only to people who have an account there \(401\): give this source an access"):
        await mastodon.poll(http, tag(server), "")
    with pytest.raises(Refused, match=r"doesn't accept the access token of this source \(401\): make a new one"):
        await mastodon.poll(http, tag(server, token="wrong"), "")
    assert keys(await mastodon.poll(http, tag(server, token="s3cret"), "")) == [server.uri(ref)]


@pytest.mark.parametrize("name", ["gotosocial/tag_unauthenticated_401.json", "takahe/unauth.json"])
async def test_real_refusals_are_explained(name: str) -> None:
    recorded = json.loads(path(name).read_text())
    wire = httpx.MockTransport(lambda _: httpx.Response(recorded["status"], json=recorded["body"]))
    source = Address(network="mastodon", kind="hashtag", value="socitm09", server="https://gts.example")
    async with Http(transport=wire) as client:
        with pytest.raises(Refused, match=r"^gts\.example shows this only to people who have an account there"):
            await mastodon.poll(client, source, "")


async def test_token_stays_with_its_own_server() -> None:
    seen: list[tuple[str, str | None]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append((request.url.host, request.headers.get("authorization")))
        if request.url.host == "m.example":
            return httpx.Response(301, headers={"Location": f"https://other.example{request.url.path}"})
        return httpx.Response(200, json=[])

    options: dict[str, object] = {"token": "s3cret"}
    source = Address(network="mastodon", kind="hashtag", value="x", server="https://m.example", options=options)
    async with Http(transport=httpx.MockTransport(answer)) as client:
        await mastodon.poll(client, source, "")
    assert seen == [("m.example", "Bearer s3cret"), ("other.example", None)]


@pytest.mark.parametrize(
    ("status", "kind"), [(500, Unreachable), (429, Throttled), (422, Refused), (400, Refused), (451, Refused)]
)
async def test_server_in_trouble_is_told_apart(
    server: MastodonServer, http: Http, status: int, kind: type[Trouble]
) -> None:
    server.fail(status)
    with pytest.raises(kind):
        await mastodon.poll(http, tag(server), "")


async def test_throttled_carries_the_pause_that_was_asked_for(server: MastodonServer, http: Http) -> None:
    server.fail(429, retry_after="120")
    with pytest.raises(Throttled) as caught:
        await mastodon.poll(http, tag(server), "")
    assert caught.value.wait == 120


async def test_budget_that_is_used_up_is_heeded(server: MastodonServer, http: Http) -> None:
    server.budget = 1
    await mastodon.poll(http, tag(server), "")
    with pytest.raises(Throttled):
        await mastodon.poll(http, tag(server), "")
    assert len(server.requests) == 1


@pytest.mark.parametrize("body", ["<html>hello</html>", "{}", '"posts"'])
async def test_server_of_another_kind_is_unreadable(body: str) -> None:
    source = Address(network="mastodon", kind="hashtag", value="x", server="https://blog.example")
    async with Http(transport=httpx.MockTransport(lambda _: httpx.Response(200, text=body))) as client:
        with pytest.raises(Unreadable, match=r"^blog\.example "):
            await mastodon.poll(client, source, "")


@pytest.mark.parametrize("body", ["[]", "{}", '{"id": null}'])
async def test_account_of_another_kind_is_unreadable(body: str) -> None:
    source = Address(network="mastodon", kind="account", value="ada@blog.example", server="https://blog.example")
    async with Http(transport=httpx.MockTransport(lambda _: httpx.Response(200, text=body))) as client:
        with pytest.raises(Unreadable, match="didn't answer with an account"):
            await mastodon.poll(client, source, "")


@pytest.mark.parametrize("link", ["", "<http://[::1>; rel=prev", "nonsense", "<http://x/?min_id=>; rel=prev"])
async def test_broken_link_header_leaves_the_ids_to_walk_by(link: str) -> None:
    asked: list[str] = []
    row = json.loads(path("takahe/tag_timeline.json").read_text())["body"][0]

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.query.decode())
        number = str(len(asked))
        return httpx.Response(
            200, json=[{**row, "id": number, "uri": f"https://m.example/{number}"}], headers={"Link": link}
        )

    source = Address(network="mastodon", kind="hashtag", value="x", server="https://m.example")
    async with Http(transport=httpx.MockTransport(answer), per_second=10_000) as client:
        page = await mastodon.poll(client, source, "")
        await mastodon.poll(client, source, page.cursor)
    assert asked[:4] == ["limit=40", "limit=40", "limit=40&min_id=1", "limit=40&min_id=3"]


# --- a second look -----------------------------------------------------------------------------------------------


async def wall(server: MastodonServer, count: int = 3) -> dict[str, str]:
    refs = [server.post(f"{number} #socitm09", tags=["socitm09"]) for number in range(count)]
    return {server.uri(ref): ref for ref in refs}


@pytest.mark.parametrize("batches", [True, False])
async def test_recheck_tells_changed_deleted_and_hidden(server: MastodonServer, http: Http, batches: bool) -> None:  # noqa: FBT001
    server.batches = batches
    refs = await wall(server, 4)
    first, second, third, fourth = refs
    server.edit(refs[first], "Corrected")
    server.delete(refs[second])
    server.edit(refs[third], visibility="private")
    page = await mastodon.recheck(http, tag(server), refs)
    assert (sorted(keys(page)), sorted(page.gone)) == (sorted([first, fourth]), sorted([second, third]))
    assert next(post.html for post in page.posts if post.key == first) == "<p>Corrected</p>"


async def test_recheck_asks_for_many_at_once_where_it_can(server: MastodonServer, http: Http) -> None:
    refs = await wall(server, 45)
    page = await mastodon.recheck(http, tag(server), refs)
    assert (keys(page), len(server.requests)) == (list(refs), 3)


async def test_recheck_asks_for_a_bounded_number_one_by_one(server: MastodonServer, http: Http) -> None:
    server.batches = False
    refs = await wall(server, 45)
    page = await mastodon.recheck(http, tag(server), refs)
    assert (keys(page), page.gone, len(server.requests)) == (list(refs)[:40], (), 41)


@pytest.mark.parametrize("status", [500, 502, 503, 429, 401, 403])
async def test_recheck_of_a_server_in_trouble_makes_nothing_gone(
    server: MastodonServer, http: Http, status: int
) -> None:
    refs = await wall(server)
    server.fail(status, times=99)
    with pytest.raises(Trouble):
        await mastodon.recheck(http, tag(server), refs)


async def test_recheck_makes_nothing_gone_when_everything_is_404(server: MastodonServer, http: Http) -> None:
    refs = await wall(server)
    server.fail(404, times=99)
    assert await mastodon.recheck(http, tag(server), refs) == Page()


async def test_recheck_keeps_what_it_learned_before_trouble_came(server: MastodonServer, http: Http) -> None:
    server.batches = False
    refs = await wall(server)
    first, second, third = refs
    server.delete(refs[first])
    server.fail(500, path=refs[third])
    page = await mastodon.recheck(http, tag(server), refs)
    assert (page.gone, keys(page)) == ((first,), [second])


async def test_recheck_does_not_take_an_answer_that_is_no_json_for_a_deletion(http: Http) -> None:
    wire = httpx.MockTransport(lambda _: httpx.Response(200, text="<html>Please wait</html>"))
    source = Address(network="mastodon", kind="hashtag", value="x", server="https://m.example")
    async with Http(transport=wire) as client:
        page = await mastodon.recheck(client, source, {"https://m.example/1": "1"})
    assert (page.gone, page.posts, len(page.broken)) == ((), (), 1)


async def test_recheck_calls_gone_what_only_our_token_may_still_read() -> None:
    row = json.loads(path("takahe/tag_timeline.json").read_text())["body"][0]
    statuses = [{**row, "visibility": "private"}, {**row, "id": "5"}, None]
    source = Address(network="mastodon", kind="hashtag", value="x", server="https://m.example")
    async with Http(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=statuses))) as client:
        page = await mastodon.recheck(client, source, {row["uri"]: row["id"]})
    assert page == Page(gone=(row["uri"],))


async def test_recheck_of_a_post_that_the_server_may_not_show_costs_no_other() -> None:
    """The same posts are looked at together again and again: one that is refused must not hide the others' end."""

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response({"1": 451, "2": 404}.get(request.url.path.rpartition("/")[2], 200), json={})

    source = Address(network="mastodon", kind="hashtag", value="x", server="https://m.example")
    refs = {f"https://m.example/{number}": str(number) for number in (1, 2)}
    async with Http(transport=httpx.MockTransport(answer), per_second=10_000) as client:
        page = await mastodon.recheck(client, source, refs)
    assert (page.gone, page.posts, len(page.broken)) == (("https://m.example/2",), (), 1)


async def test_recheck_counts_what_it_cannot_read(server: MastodonServer, http: Http) -> None:
    refs = await wall(server, 1)
    ((key, ref),) = refs.items()
    server.edit(ref, created_at="yesterday")
    page = await mastodon.recheck(http, tag(server), refs)
    assert (page.gone, page.posts) == ((), ())
    assert page.broken[0].startswith(f"A post could not be read again ({key})")


async def test_recheck_is_not_fooled_by_an_id_that_names_another_post(server: MastodonServer, http: Http) -> None:
    ref = server.post("A new one with an old id")
    page = await mastodon.recheck(http, tag(server), {"https://old.example/1": ref})
    assert page == Page()


# --- what people type --------------------------------------------------------------------------------------------


def address(kind: str, value: str, server: str) -> Address:
    return Address(network="mastodon", kind=kind, value=value, server=server)


@pytest.mark.parametrize(
    ("text", "on", "expected"),
    [
        ("#Sócitm09", "m.example", address("hashtag", "socitm09", "https://m.example")),
        ("＃旅", "http://127.0.0.1:8080", address("hashtag", "旅", "http://127.0.0.1:8080")),  # noqa: RUF001
        ("#socitm09", "http://[::1]:8080/", address("hashtag", "socitm09", "http://[::1]:8080")),
        ("#socitm09", "M.Example:8443", address("hashtag", "socitm09", "https://m.example:8443")),
        ("@Ada@M.Example", "", address("account", "ada@m.example", "https://m.example")),
        (" ada@m.example ", "", address("account", "ada@m.example", "https://m.example")),
        ("@ada@m.example", "far.example", address("account", "ada@m.example", "https://far.example")),
        ("@ada", "m.example", address("account", "ada@m.example", "https://m.example")),
        ("https://m.example/@ada", "", address("account", "ada@m.example", "https://m.example")),
        ("http://127.0.0.1:81/@ada/", "", address("account", "ada@127.0.0.1:81", "http://127.0.0.1:81")),
        ("https://m.example/@ada@far.example", "", address("account", "ada@far.example", "https://m.example")),
        ("https://m.example/web/@ada", "", address("account", "ada@m.example", "https://m.example")),
        ("https://m.example/tags/Socitm09", "", address("hashtag", "socitm09", "https://m.example")),
        ("https://m.example/tags/%E6%97%85?x=1#y", "", address("hashtag", "旅", "https://m.example")),
        ("https://m.example/tags/a", "far.example", address("hashtag", "a", "https://far.example")),
        ("#socitm09", "", None),
        ("#2009", "m.example", None),
        ("#a b", "m.example", None),
        ("#socitm09", "not a host", None),
        ("#socitm09", "ftp://m.example", None),
        ("#socitm09", "https://u:p@m.example", None),
        ("#socitm09", "http://[::1", None),
        ("@ada", "", None),
        ("ada", "m.example", None),
        ("ada@", "", None),
        ("https://m.example/", "", None),
        ("https://m.example/@ada/117000", "", None),
        ("https://m.example/ada@far.example", "", None),
        ("https://www.youtube.com/@ada", "", None),
        ("https://tiktok.com/@ada", "", None),
        ("ftp://m.example/@ada", "", None),
        ("https://[::1/@ada", "", None),
        ("https://u:p@m.example/@ada", "", None),
        ("a" * 501 + "@m.example", "", None),
    ],
)
def test_recognise_reads_what_people_type(text: str, on: str, expected: Address | None) -> None:
    assert mastodon.recognise(text, on) == expected


def test_origin_is_empty_for_what_is_no_server() -> None:
    assert [origin(text) for text in ("", "https://", "m example", "-", "a..b")] == [""] * 5


# --- an independent server, from PyPI ---------------------------------------------------------------------------


@pytest.fixture
def independent() -> Iterator[MockServer]:
    """mastodon-mock on a real socket: the same API, written by other people."""
    with MockServer() as running:
        yield running


class Alice:
    """Somebody with an account there."""

    def __init__(self, server: MockServer) -> None:
        self._client = httpx.Client(
            base_url=f"{server.base_url}/api/v1/", headers={"Authorization": "Bearer alice_token"}
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def post(self, text: str) -> str:
        return str(self._client.post("statuses", data={"status": text}).raise_for_status().json()["id"])

    def edit(self, ref: str, text: str) -> None:
        self._client.put(f"statuses/{ref}", data={"status": text}).raise_for_status()

    def delete(self, ref: str) -> None:
        self._client.delete(f"statuses/{ref}").raise_for_status()


async def test_independent_server_is_followed_through_posts_edits_and_deletions(
    independent: MockServer, http: Http
) -> None:
    source = mastodon.recognise("#Socitm09", independent.base_url)
    assert source is not None
    with Alice(independent) as alice:
        first = [alice.post(f"Post {number} #socitm09") for number in range(45)]
        page = await mastodon.poll(http, source, "")
        assert list(page.refs.values()) == first
        then = [alice.post(f"Later {number} #socitm09") for number in range(90)]
        page = await mastodon.poll(http, source, page.cursor)
        assert list(page.refs.values()) == then
        alice.edit(then[0], "Corrected #socitm09")
        alice.delete(then[1])
    edited, deleted = list(page.refs)[:2]
    page = await mastodon.recheck(http, source, {edited: then[0], deleted: then[1]})
    assert (keys(page), page.gone, "Corrected" in page.posts[0].html) == ([edited], (deleted,), True)


async def test_independent_server_is_followed_by_account(independent: MockServer, http: Http) -> None:
    source = mastodon.recognise("@alice", independent.base_url)
    assert source is not None
    with Alice(independent) as alice:
        refs = [alice.post(f"Post {number}") for number in range(3)]
    page = await mastodon.poll(http, source, "")
    assert (list(page.refs.values()), page.posts[0].author.name) == (refs, "Alice")
