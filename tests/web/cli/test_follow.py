"""`follow`: the text, the check on the network, and the stored source."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.cells import cell_len

from tests.fakes.local_server import Answer, LocalServer
from tests.fakes.mastodon_server import MastodonServer
from tests.fakes.peertube_entities import new_account, new_video
from web.cli.follow_report import sample_line

CLOSED = "http://127.0.0.1:1"
"""Where nothing listens."""


@pytest.fixture
def harbour(cli: Any) -> Any:
    cli("wall", "create", "harbour", "--name", "Harbour")
    cli.environment["BACKCHANNEL_ALLOW_HOSTS"] = "127.0.0.1"
    return cli


@pytest.fixture
def server() -> Iterator[MastodonServer]:
    with MastodonServer() as server:
        yield server


def anyway(cli: Any, *arguments: str) -> str:
    said: str = cli("follow", *arguments, "--wall", "harbour", "--anyway")
    return said


# --- the text -------------------------------------------------------------------------------------------------------


def test_follow_takes_a_hashtag_on_several_servers(harbour: Any) -> None:
    said = anyway(harbour, "#h26", "--on", "https://127.0.0.1:1", "--on", CLOSED)
    assert said.splitlines() == [
        "“harbour” follows #h26 on 127.0.0.1:1 (source 1).",
        "“harbour” follows #h26 on http://127.0.0.1:1 (source 2).",
    ]
    servers = [(row["kind"], row["value"], row["server"]) for row in harbour.json("sources")]
    assert servers == [("hashtag", "h26", "https://127.0.0.1:1"), ("hashtag", "h26", "http://127.0.0.1:1")]


def test_follow_takes_an_account_by_name_or_page_and_a_feed_by_address(harbour: Any) -> None:
    for text in ("@ada@127.0.0.1:1", "https://127.0.0.1:1/@bea", "https://127.0.0.1:1/blog"):
        anyway(harbour, text)
    assert [(row["network"], row["kind"], row["value"]) for row in harbour.json("sources")] == [
        ("mastodon", "account", "ada@127.0.0.1:1"),
        ("mastodon", "account", "bea@127.0.0.1:1"),
        ("feeds", "feed", "https://127.0.0.1:1/blog"),
    ]


def test_follow_asks_a_server_for_its_program_where_that_decides(harbour: Any) -> None:
    schema = "http://nodeinfo.diaspora.software/ns/schema/2.0"
    replies: dict[str, Any] = {
        "/.well-known/nodeinfo": {"links": [{"rel": schema, "href": "/nodeinfo/2.0.json"}]},
        "/nodeinfo/2.0.json": {"version": "2.0", "software": {"name": "peertube", "version": "8.1.0"}},
        "/api/v1/search/videos": {"total": 1, "data": [new_video(1)]},
        "/api/v1/accounts/ada@peertube.example": new_account("ada"),
    }

    def answer(target: str, headers: Mapping[str, str]) -> Answer:
        found = replies.get(target.partition("?")[0])
        return Answer(404 if found is None else 200, {"Content-Type": "application/json"}, json.dumps(found).encode())

    with LocalServer(answer) as peer:
        asked = ("follow", "#h26", "--on", peer.url, "--wall", "harbour")
        [row] = harbour.json(*asked)
        assert (row["network"], row["kind"], row["preview"]["posts"]) == ("peertube", "hashtag", 1)
        said = harbour.run(*asked, "--network", "mastodon", code=1).stderr
    assert said.startswith("Not a Mastodon API: ")


def test_follow_can_be_told_the_network(harbour: Any) -> None:
    page = "https://127.0.0.1:1/@bea"
    [row] = harbour.json("follow", page, "--network", "feeds", "--wall", "harbour", "--anyway")
    assert (row["network"], row["value"]) == ("feeds", page)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["#h26"], "Server missing: name one to follow “#h26” on, such as mastodon.social."),
        (
            ["https://quay.example/blog", "--on", "one.example"],
            (
                "Cannot follow “https://quay.example/blog” on “one.example”: leave the server out,"
                " or name it as host.example."
            ),
        ),
        (
            ["#h26", "--on", "not a server"],
            "Invalid server “not a server”: name one such as mastodon.social, or http://127.0.0.1:8080.",
        ),
        (
            ["?"],
            (
                "Cannot follow “?”. Try something like !socitm@lemmy.example or #socitm09 or @socitm.bsky.social "
                "or @socitm@mastodon.example or https://bsky.app/hashtag/socitm09 or "
                "https://conference.example/news.xml or https://hn.algolia.com/?q=socitm09 or "
                "https://news.ycombinator.com/from?site=conference.example or "
                "https://www.flickr.com/photos/socitm or https://www.flickr.com/photos/tags/socitm09 or "
                "https://www.youtube.com/@socitm or https://www.youtube.com/playlist?list=PLsocitm09talks or "
                "rehearsal:harbour."
            ),
        ),
        (
            ["#h26", "--network", "nets"],
            (
                "Unknown network “nets”: choose one of bluesky, feeds, flickr, hackernews, lemmy, mastodon, misskey,"
                " peertube, rehearsal, youtube."
            ),
        ),
        (
            ["#h26", "--on", "one.example", "--any", "12"],
            ("Invalid --any for Mastodon: “12” is not a hashtag: use letters, digits and _, and not only digits."),
        ),
        (
            ["#h26", "--on", "one.example", *(f"--any=tag{number}" for number in range(5))],
            "Too many hashtags with --any: four at most; you gave five.",
        ),
        (
            ["#h26", "--on", "one.example", "--option", "only_media=perhaps"],
            "Invalid --option only_media for Mastodon: it must be true or false.",
        ),
        (
            ["#h26", "--on", "one.example", "--option", "colour=red"],
            (
                "Unknown option “colour” for Mastodon. "
                "Known options: any, all, none, exclude_replies, exclude_reblogs, unlisted, only_media."
            ),
        ),
        (
            ["https://quay.example/blog", "--option", "colour=red"],
            "Unknown option “colour” for Web feed. It has no options.",
        ),
        (
            ["#h26", "--on", "one.example", "--option", "token=s3cret"],
            "Not an option: token is a credential; give it with --token-file FILE.",
        ),
    ],
)
def test_follow_says_what_to_type_instead(harbour: Any, arguments: list[str], sentence: str) -> None:
    assert harbour.refused("follow", *arguments, "--wall", "harbour", "--anyway") == sentence
    assert harbour.json("sources") == []


def test_follow_asks_nobody_where_there_is_no_such_wall(harbour: Any, server: MastodonServer) -> None:
    sentence = "There is no wall “other” (known: harbour)."
    assert harbour.refused("follow", "#h26", "--on", server.url, "--wall", "other") == sentence
    assert server.requests == []


def test_follow_looks_at_once_whether_an_archive_is_there(harbour: Any) -> None:
    assert harbour.refused("follow", "rehearsal:nosuch", "--wall", "harbour").startswith("Archive not found at “")
    assert harbour.json("sources") == []
    first, _ = harbour("follow", "rehearsal:harbour", "--wall", "harbour").splitlines()
    assert first == "“harbour” follows harbour (source 1)."


def test_follow_wants_options_as_pairs(harbour: Any) -> None:
    usage = harbour.run("follow", "#h26", "--wall", "harbour", "--option", "only_media", code=2)
    assert "“only_media” isn't NAME=VALUE." in usage.stderr


INSTEAD = (
    "Supported sources: !socitm@lemmy.example, #socitm09, @socitm.bsky.social, @socitm@mastodon.example, "
    "https://bsky.app/hashtag/socitm09, https://conference.example/news.xml, "
    "https://hn.algolia.com/?q=socitm09, https://news.ycombinator.com/from?site=conference.example, "
    "https://www.flickr.com/photos/socitm, https://www.flickr.com/photos/tags/socitm09, "
    "https://www.youtube.com/@socitm, https://www.youtube.com/playlist?list=PLsocitm09talks."
)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["#socitm09", "--on", "x.com"], f"X is not supported yet. {INSTEAD}"),
        (["socitm09", "--on", "X.com"], f"X is not supported yet. {INSTEAD}"),
        (["https://www.twitter.com/socitm"], f"X is not supported yet. {INSTEAD}"),
        (["@socitm@x.com"], f"X is not supported yet. {INSTEAD}"),
        (["https://m.facebook.com/socitm"], f"Facebook is not supported yet. {INSTEAD}"),
        (
            ["#socitm09", "--on", "youtube.com"],
            (
                "YouTube has no such source: follow one like https://www.youtube.com/@socitm"
                " or https://www.youtube.com/playlist?list=PLsocitm09talks."
            ),
        ),
    ],
)
def test_follow_refuses_networks_that_are_not_supported(harbour: Any, arguments: list[str], sentence: str) -> None:
    assert harbour.refused("follow", *arguments, "--wall", "harbour", "--anyway") == sentence
    assert harbour.json("sources") == []


def test_follow_takes_a_word_on_a_server_for_a_hashtag(harbour: Any) -> None:
    assert anyway(harbour, "h26", "--on", CLOSED).splitlines()[0].startswith("“harbour” follows #h26 on ")


# --- the check ------------------------------------------------------------------------------------------------------


def test_follow_says_what_the_network_has(harbour: Any, server: MastodonServer) -> None:
    for number in range(3):
        server.post(f"Post {number}", tags=["h26"])
    said = harbour("follow", "#h26", "--on", server.url, "--wall", "harbour").splitlines()
    assert said[0] == f"“harbour” follows #h26 on {server.url} (source 1)."
    assert re.fullmatch(
        r"  Mastodon: 3 posts in the last day, the newest \d+ (s|min|h) ago; the first poll takes the newest 80\.",
        said[1],
    )
    [row] = harbour.json("sources")
    assert (row["posts"], row["polled_at"]) == (0, None)  # the check stores nothing
    assert harbour("poll", "--once") == "source 1: 3 new, 0 edited, 0 gone, 0 unreadable.\n"


def test_follow_takes_a_hashtag_that_nobody_has_used_and_says_so(harbour: Any, server: MastodonServer) -> None:
    said = harbour("follow", "#h26", "--on", server.url, "--wall", "harbour").splitlines()
    assert said[1:] == ["  Mastodon: no posts with this hashtag on that server yet: check its spelling."]
    assert [row["value"] for row in harbour.json("sources")] == ["h26"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["#h26", "--on", "{host}:1"], "{host}:1"),
        (["#h26", "--on", "https://{host}:{port}"], "{host}:{port}"),
        (["@nobody", "--on", "{url}"], "{host}:{port}"),
        (["#h26", "--on", "{url}", "--token-file", "-"], "{host}:{port}"),
        (["{url}/feed.xml"], "{host}:{port}"),
    ],
    ids=["port", "scheme", "account", "token", "path"],
)
def test_follow_refuses_what_cannot_work(
    harbour: Any, server: MastodonServer, arguments: list[str], named: str
) -> None:
    server.token = "right" if "--token-file" in arguments else ""
    host, _, port = server.host.partition(":")
    filled = [each.format(host=host, port=port, url=server.url) for each in arguments]
    refused = harbour.run("follow", *filled, "--wall", "harbour", code=1, answer="wrong")
    sentence = refused.stderr.splitlines()[-1]  # before it, the test's server may log what it was sent
    assert named.format(host=host, port=port) in sentence
    assert sentence.endswith(". Not followed; --anyway follows it.")
    assert (refused.stdout, harbour.json("sources")) == ("", [])
    followed = harbour.run("follow", *filled, "--wall", "harbour", "--anyway", answer="wrong")
    assert followed.stderr.splitlines()[-1] == sentence.removesuffix(" Not followed; --anyway follows it.")
    assert len(harbour.json("sources")) == 1


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("image/png", b"\x89PNG\r\n\x1a\n" + bytes(64)),
        ("text/plain", b"Fish"),
        ("text/html", b"<p>Fish</p>"),
        ("application/json", b'{"fish": 1}'),
    ],
)
def test_follow_refuses_what_is_not_a_feed_once_it_has_looked(harbour: Any, kind: str, body: bytes) -> None:
    with LocalServer(lambda _path, _headers: Answer(200, {"Content-Type": kind}, body)) as server:
        sentence = harbour.refused("follow", f"{server.url}/it", "--wall", "harbour")
    assert "not a feed: " in sentence.lower()
    assert sentence.endswith(" Not followed; --anyway follows it.")
    assert harbour.json("sources") == []


def test_follow_follows_nothing_when_one_server_of_several_is_wrong(harbour: Any, server: MastodonServer) -> None:
    harbour.refused("follow", "#h26", "--wall", "harbour", "--on", server.url, "--on", "no server")
    server.post("Good morning", tags=["h26"])
    refused = harbour.run("follow", "#h26", "--wall", "harbour", "--on", server.url, "--on", CLOSED, code=1)
    assert refused.stderr.startswith(f"#h26 on {CLOSED}: Connection refused: no server listens at 127.0.0.1:1.")
    assert harbour.json("sources") == []


def test_follow_waits_for_no_server_that_asks_for_patience(harbour: Any, server: MastodonServer) -> None:
    server.fail(429, retry_after="120")
    done = harbour.run("follow", "#h26", "--on", server.url, "--wall", "harbour")
    assert done.stdout == f"“harbour” follows #h26 on {server.url} (source 1).\n"
    assert done.stderr.startswith(f"Rate limited (429) by {server.host}: ")


def test_follow_shows_without_following(harbour: Any, server: MastodonServer) -> None:
    server.post("Good morning", tags=["h26"])
    said = harbour("follow", "#h26", "--on", server.url, "--wall", "harbour", "--dry-run").splitlines()
    assert said[0] == f"“harbour” would follow #h26 on {server.url}."
    assert said[1].startswith("  Mastodon: 1 post in the last day, the newest ")
    refused = harbour.run("follow", "#h26", "--on", CLOSED, "--wall", "harbour", "--dry-run", "--anyway", code=1)
    assert refused.stderr.endswith(" Nothing was followed: a dry run.\n")
    assert harbour.json("sources") == []
    assert not (harbour.folder / "data" / "secret.key").exists()


def test_dry_run_shows_the_newest_posts_on_a_line_each(harbour: Any, server: MastodonServer) -> None:
    at = datetime.now(UTC)
    server.account("ada", display_name="Ada\x1b[31m\nLovelace\u202e")
    for number in range(7):
        content = f"<p>Post {number}</p><p>{'and more words ' * 40}</p>"
        server.post("", content=content, tags=["h26"], created_at=(at - timedelta(hours=number)).isoformat())
    asked = ["follow", "#h26", "--on", server.url, "--wall", "harbour", "--dry-run"]
    shown = harbour(*asked).splitlines()[2:]
    assert [re.sub(r"and more.*", "…", line) for line in shown[1:]] == [
        f"    {f'{number} h ago':<10}  Ada[31m Lovelace  Post {number} …" for number in range(1, 5)
    ]
    assert re.match(r"    \d+ s ago ", shown[0])
    [row] = harbour.json(*asked)
    first = row["preview"]["newest_posts"][0]
    assert (first["author"]["handle"], first["words"][:11]) == (f"@ada@{server.host}", "Post 0 and ")


def test_preview_line_is_cut_to_the_width_of_the_terminal() -> None:
    line = sample_line({"at": None, "author": {"name": "Ada"}, "words": "港の会議 " * 20}, 40).plain
    assert line.startswith("    no date     Ada  港の会議")
    assert cell_len(line) <= 40
    assert line.endswith("…")


def test_follow_says_that_nothing_of_a_source_can_be_read(harbour: Any, server: MastodonServer) -> None:
    server.post("Good morning", tags=["h26"], uri=None)
    said = harbour("follow", "#h26", "--on", server.url, "--wall", "harbour").splitlines()
    harbour("poll", "--once")
    [why] = harbour.json("sources")[0]["unread"]
    assert said[1] == f"  Mastodon: no posts, 1 unreadable entry. {why}"
    assert harbour("sources").splitlines()[1].split()[-1] == "partly"


def test_follow_tells_scripts_all_that_it_saw(harbour: Any, server: MastodonServer) -> None:
    server.post("Good morning", tags=["h26"])
    arguments = ["follow", "#h26", "--on", server.url, "--wall", "harbour"]
    [dry] = harbour.json(*arguments, "--dry-run")
    assert (dry["id"], dry["followed"], dry["change"], dry["preview"]["posts"]) == (None, False, None, 1)
    [row] = harbour.json(*arguments)
    change = {"made": True, "resumed": False, "options": False, "token": "none"}
    assert (row["id"], row["followed"], row["change"]) == (1, True, change)
    assert row["preview"].keys() == {
        "posts",
        "newest",
        "last_day",
        "newest_posts",
        "more",
        "broken",
        "unread",
        "note",
        "trouble",
        "busy",
        "stops",
    }
    failed = harbour.run("follow", "#h26", "--on", CLOSED, "--wall", "harbour", "--json", code=1)
    [refused] = json.loads(failed.stdout)
    assert (refused["followed"], refused["preview"]["stops"]) == (False, True)
    assert refused["preview"]["trouble"].startswith("Connection refused: no server listens at 127.0.0.1:1.")


# --- following again ------------------------------------------------------------------------------------------------


def test_follow_says_that_a_source_whose_server_is_down_stays_as_it_was(harbour: Any) -> None:
    asked = ("follow", "#h26", "--on", CLOSED, "--wall", "harbour")
    anyway(harbour, "#h26", "--on", CLOSED, "--any", "quay")
    refused = harbour.run(*asked, code=1)
    stays = " Already followed (source 1) and not changed; --anyway changes it.\n"
    assert refused.stderr.endswith(stays)
    assert (json.loads(harbour.run(*asked, "--json", code=1).stdout)[0]["followed"], refused.stdout) == (True, "")
    assert harbour.json("sources")[0]["options"] == {"any": ["quay"]}
    harbour("unfollow", "1")
    assert harbour.run(*asked, code=1).stderr.endswith(" Not followed; --anyway follows it.\n")


def test_follow_says_what_it_changed(harbour: Any) -> None:
    assert anyway(harbour, "#h26", "--on", CLOSED) == "“harbour” follows #h26 on http://127.0.0.1:1 (source 1).\n"
    again = "“harbour” follows #h26 on http://127.0.0.1:1 (source 1) already: "
    assert anyway(harbour, "#h26", "--on", CLOSED) == f"{again}nothing changed.\n"
    more = ("--any", "#Quay", "--any", "pier", "--none", "spam", "--option", "only_media=true")
    words = "options changed (any: quay, pier; none: spam; only_media: True)"
    assert anyway(harbour, "#h26", "--on", CLOSED, *more) == f"{again}{words}.\n"
    assert anyway(harbour, "#h26", "--on", CLOSED) == f"{again}options changed (none).\n"
    harbour("unfollow", "1")
    resumed = "“harbour” follows #h26 on http://127.0.0.1:1 (source 1) again, where it left off: nothing changed.\n"
    assert anyway(harbour, "#h26", "--on", CLOSED) == resumed
