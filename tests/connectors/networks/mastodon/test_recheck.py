"""Rechecks of posts on the wall: changed, gone, and only apparently gone."""

from __future__ import annotations

import json

import httpx
import pytest

from connectors.contract import Address, Page
from connectors.errors import ConnectorError, Forbidden
from connectors.http.client import Http
from connectors.sandbox import Inline
from tests.connectors.networks.mastodon.sources import keys, mastodon, tag
from tests.fakes.mastodon_server import MastodonServer
from tests.recorded import path


async def wall(server: MastodonServer, count: int = 3) -> dict[str, str]:
    refs = [server.post(f"{number} #socitm09", tags=["socitm09"]) for number in range(count)]
    return {server.uri(ref): ref for ref in refs}


@pytest.mark.parametrize("batches", [True, False])
async def test_recheck_tells_changed_deleted_and_hidden(server: MastodonServer, http: Http, *, batches: bool) -> None:
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
    with pytest.raises(ConnectorError):
        await mastodon.recheck(http, tag(server), refs)


async def test_recheck_makes_nothing_gone_when_everything_is_404(server: MastodonServer, http: Http) -> None:
    refs = await wall(server)
    server.fail(404, times=99)
    requests = 5  # all three at once, each alone, and what is listed
    assert await mastodon.recheck(http, tag(server), refs) == Page(wait=6.0 * requests)


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
    async with Http(transport=wire, sandbox=Inline) as client:
        page = await mastodon.recheck(client, source, {"https://m.example/1": "1"})
    assert (page.gone, page.posts, len(page.broken)) == ((), (), 1)


async def test_recheck_calls_gone_what_only_our_token_may_still_read() -> None:
    row = json.loads(path("takahe/tag_timeline.json").read_text())["body"][0]
    statuses = [{**row, "visibility": "private"}, {**row, "id": "5"}, None]
    origin = row["uri"].partition("/users")[0].partition("/@")[0]
    source = Address(network="mastodon", kind="hashtag", value="x", server=origin)
    wire = httpx.MockTransport(lambda _: httpx.Response(200, json=statuses))
    async with Http(transport=wire, sandbox=Inline) as client:
        page = await mastodon.recheck(client, source, {row["uri"]: row["id"]})
    assert page == Page(gone=(row["uri"],), wait=6.0)


@pytest.mark.parametrize("refusal", [401, 403, 422, 451])
async def test_recheck_of_a_post_that_the_server_may_not_show_costs_no_other(refusal: int) -> None:
    """The same posts are rechecked together: a refused one must not hide the end of the others."""

    def answer(request: httpx.Request) -> httpx.Response:
        status = {"1": refusal, "2": 404}.get(request.url.path.rpartition("/")[2], 200)
        return httpx.Response(status, json=[])  # no witness is listed, so that no post ends permanently

    source = Address(network="mastodon", kind="hashtag", value="x", server="https://m.example")
    refs = {f"https://m.example/{number}": str(number) for number in (1, 2)}
    async with Http(transport=httpx.MockTransport(answer), sandbox=Inline, per_second=10_000) as client:
        page = await mastodon.recheck(client, source, refs)
    assert (page.gone, page.missing, len(page.broken)) == ((), ("https://m.example/2",), 1)


@pytest.mark.parametrize("refusal", [401, 403])
async def test_recheck_says_what_to_do_about_a_server_that_shows_nothing_without_a_token(
    server: MastodonServer, http: Http, refusal: int
) -> None:
    refs = await wall(server)
    server.fail(refusal, times=99)
    with pytest.raises(Forbidden, match=r"^Access token required "):
        await mastodon.recheck(http, tag(server), refs)


async def test_recheck_by_single_requests_where_the_request_for_many_is_refused(
    server: MastodonServer, http: Http
) -> None:
    refs = await wall(server)
    server.fail(403, times=1)
    page = await mastodon.recheck(http, tag(server), refs)
    assert (keys(page), page.gone, page.broken) == (list(refs), (), ())


async def test_recheck_counts_what_it_cannot_read(server: MastodonServer, http: Http) -> None:
    refs = await wall(server, 1)
    (ref,) = refs.values()
    server.edit(ref, uri=[])
    page = await mastodon.recheck(http, tag(server), refs)
    assert (page.gone, page.missing, page.posts) == ((), (), ())
    assert page.broken[0].startswith(f"Unreadable post ({ref})")


async def test_recheck_is_not_fooled_by_an_id_that_names_another_post(server: MastodonServer, http: Http) -> None:
    ref = server.post("A new one with an old id")
    page = await mastodon.recheck(http, tag(server), {"https://old.example/1": ref})
    assert page == Page(wait=6.0)


# --- origins -----------------------------------------------------------------------------------------------------

FAR = "https://far.example/users/bo/statuses/"


class Copies:
    """`m.example` has copies of posts made at `far.example`, the origin that is asked if a copy is missing."""

    def __init__(self, origin: dict[str, httpx.Response] | None = None, *, copies: tuple[str, ...] = ()) -> None:
        self.origin = origin or {}
        self.copies = copies
        self.asked: list[str] = []

    def _status(self, id_: str) -> dict[str, object]:
        account = {"id": "1", "acct": "bo@far.example", "url": "https://far.example/@bo"}
        created = "2026-10-12T09:30:00Z"
        return {"id": id_, "uri": FAR + id_, "created_at": created, "visibility": "public", "account": account} | {
            "content": f"<p>{id_}</p>",
            "tags": [{"name": "x"}],
        }

    def answer(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.rpartition("/")[2]
        self.asked.append(f"{request.url.host}/{name}")
        if request.url.host == "far.example":
            return self.origin.get(name, httpx.Response(404))
        if name == "x":
            return httpx.Response(200, json=[self._status(id_) for id_ in self.copies])
        return httpx.Response(200, json=self._status(name)) if name in self.copies else httpx.Response(404)

    async def recheck(self, *ids: str) -> Page:
        source = Address(network="mastodon", kind="hashtag", value="x", server="https://m.example")
        async with Http(transport=httpx.MockTransport(self.answer), sandbox=Inline, per_second=10_000) as http:
            return await mastodon.recheck(http, source, {FAR + id_: id_ for id_ in ids})


def there(id_: str) -> httpx.Response:
    return httpx.Response(200, json={"id": FAR + id_, "type": "Note"})


TOMBSTONE = httpx.Response(200, json={"id": FAR + "1", "type": "Tombstone"})


@pytest.mark.parametrize(
    ("origin", "gone", "missing"),
    [
        ({"1": there("1")}, (), (FAR + "1",)),  # only this server's copy is missing
        ({"1": httpx.Response(401)}, (), (FAR + "1",)),  # the origin wants a signature
        ({"1": httpx.Response(503)}, (), (FAR + "1",)),
        ({"1": httpx.Response(200, text="<html>")}, (), (FAR + "1",)),
        ({}, (), (FAR + "1",)),  # it answers everything with 404
        ({"1": httpx.Response(404), "2": there("2")}, (FAR + "1",), ()),
        ({"1": httpx.Response(410)}, (FAR + "1",), ()),
        ({"1": TOMBSTONE}, (FAR + "1",), ()),
    ],
)
async def test_recheck_asks_the_origin_before_a_post_has_ended(
    origin: dict[str, httpx.Response], gone: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    server = Copies(origin, copies=("2",))
    page = await server.recheck("1", "2")
    assert (page.gone, page.missing) == (gone, missing)
    assert "m.example/public" not in server.asked  # only if the followed timeline is empty


async def test_recheck_believes_no_absence_that_a_listed_post_shares() -> None:
    """A firewall's rule answers 404 under the path of single posts, while the timeline works."""
    server = Copies({"1": httpx.Response(410)}, copies=("9",))

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(404) if "/statuses/" in request.url.path else server.answer(request)

    source = Address(network="mastodon", kind="hashtag", value="x", server="https://m.example")
    async with Http(transport=httpx.MockTransport(answer), sandbox=Inline, per_second=10_000) as http:
        page = await mastodon.recheck(http, source, {FAR + "1": "1"})
    assert (page.gone, page.missing) == ((), ())


async def test_recheck_believes_no_absence_of_what_is_listed() -> None:
    server = Copies({"1": httpx.Response(410)}, copies=("1",))

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(404) if request.url.path.endswith("/statuses/1") else server.answer(request)

    source = Address(network="mastodon", kind="hashtag", value="x", server="https://m.example")
    async with Http(transport=httpx.MockTransport(answer), sandbox=Inline, per_second=10_000) as http:
        page = await mastodon.recheck(http, source, {FAR + "1": "1"})
    assert (page.gone, page.missing) == ((), ())


class Lone:
    """`m.example` lists no post of the followed hashtag, and answers 404 for single posts; all else as in `replies`."""

    def __init__(self, **replies: httpx.Response) -> None:
        self.replies = replies

    def answer(self, request: httpx.Request) -> httpx.Response:
        if "/statuses/" in request.url.path:
            return self.replies.get("status", httpx.Response(404))
        name = {"/api/v1/timelines/tag/x": "tag", "/api/v1/timelines/public": "public", "/api/v2/instance": "instance"}
        name["/api/v1/accounts/lookup"] = "lookup"
        return self.replies.get(name.get(request.url.path, ""), httpx.Response(404))

    async def recheck(self, kind: str) -> Page:
        source = Address(network="mastodon", kind=kind, value="x", server="https://m.example")
        async with Http(transport=httpx.MockTransport(self.answer), sandbox=Inline, per_second=10_000) as http:
            return await mastodon.recheck(http, source, {LONE: "1"})


LONE = "https://m.example/1"
INSTANCE = httpx.Response(200, json={"domain": "m.example", "version": "4.5.0"})
EMPTY = httpx.Response(200, json=[])


@pytest.mark.parametrize("status", [500, 401, 403, 429, 200])
async def test_look_up_that_fails_is_no_word_about_the_posts_of_an_account(status: int) -> None:
    page = await Lone(lookup=httpx.Response(status, text="?"), instance=INSTANCE, public=EMPTY).recheck("account")
    assert (page.gone, page.missing) == ((), ())


async def test_posts_of_an_account_that_is_not_known_any_more_are_missing_without_a_witness() -> None:
    page = await Lone(lookup=httpx.Response(404), instance=INSTANCE).recheck("account")
    assert (page.gone, page.missing) == ((), (LONE,))


async def test_posts_under_a_hashtag_that_lists_nothing_are_missing_without_a_witness() -> None:
    page = await Lone(tag=EMPTY, public=EMPTY).recheck("hashtag")
    assert (page.gone, page.missing) == ((), (LONE,))


@pytest.mark.parametrize("public", [401, 403, 404, 422])
async def test_servers_that_show_their_newest_posts_to_nobody_are_no_witness(public: int) -> None:
    page = await Lone(tag=EMPTY, public=httpx.Response(public, json={})).recheck("hashtag")
    assert (page.gone, page.missing) == ((), (LONE,))


async def test_servers_in_trouble_over_their_newest_posts_end_nothing() -> None:
    page = await Lone(tag=EMPTY, public=httpx.Response(500)).recheck("hashtag")
    assert (page.gone, page.missing) == ((), ())


@pytest.mark.parametrize("deleted", ["its only post", "its only post, and others are there"])
async def test_last_post_under_a_hashtag_ends_where_any_other_post_is_there(
    server: MastodonServer, http: Http, deleted: str
) -> None:
    """On a new wall, say: its first post is deleted, and no other has the hashtag."""
    refs = await wall(server, 1)
    (key,) = refs
    if "others" in deleted:
        server.post("Good morning")
    server.delete(refs[key])
    page = await mastodon.recheck(http, tag(server), refs)
    assert (page.gone, page.missing) == (((key,), ()) if "others" in deleted else ((), (key,)))
