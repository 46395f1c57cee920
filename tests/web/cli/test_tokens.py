"""Access tokens on the command line: options, storage, and where they must not appear."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.fakes.mastodon_server import MastodonServer
from web.cli.tokens import Given, given_token

SECRET = "s3cret-t0ken"
CLOSED = "http://127.0.0.1:1"


@pytest.fixture
def server() -> Iterator[MastodonServer]:
    with MastodonServer() as server:
        server.token = SECRET
        server.post("Good morning", tags=["h26"])
        yield server


@pytest.fixture
def harbour(cli: Any, server: MastodonServer) -> Any:
    cli("wall", "create", "harbour", "--name", "Harbour")
    cli.environment["BACKCHANNEL_ALLOW_HOSTS"] = "127.0.0.1"
    return cli


def follow(cli: Any, server: MastodonServer, *more: str, answer: str = "") -> Any:
    return cli.run("follow", "#h26", "--on", server.url, "--wall", "harbour", *more, answer=answer)


def stored(cli: Any) -> list[tuple[str, str]]:
    with sqlite3.connect(cli.folder / "data" / "backchannel.db") as db:
        return db.execute("SELECT options, credentials FROM source ORDER BY id").fetchall()


def test_token_comes_from_a_file_a_pipe_the_environment_or_the_command_line(
    harbour: Any, server: MastodonServer
) -> None:
    file = harbour.folder / "token.txt"
    file.write_text(f"Bearer {SECRET}\r\n")
    done = follow(harbour, server, "--token-file", str(file))
    said = f"“harbour” follows #h26 on {server.url} (source 1)"
    assert (done.stdout.splitlines()[0], done.stderr) == (f"{said}, with a token.", "")
    again = [(("--token-file", "-"), f" {SECRET}\n"), (("--token", "-"), SECRET), ((), "")]
    for more, answer in again:
        harbour("unfollow", "1")
        done = follow(harbour, server, *more, answer=answer)
        assert done.exit_code == 0
        assert SECRET not in done.output
    harbour.environment["BACKCHANNEL_TOKEN"] = SECRET
    assert "token replaced" in follow(harbour, server).stdout
    del harbour.environment["BACKCHANNEL_TOKEN"]
    done = follow(harbour, server, "--token", SECRET)
    assert done.stderr.startswith("A token on the command line is visible in process lists")
    assert harbour("poll", "--once") == "source 1: 1 new, 0 edited, 0 gone, 0 unreadable.\n"


def test_token_is_kept_unless_it_is_replaced_or_removed(harbour: Any, server: MastodonServer) -> None:
    follow(harbour, server, "--token-file", "-", answer=SECRET)
    kept = follow(harbour, server, "--any", "pier").stdout.splitlines()[0]
    assert kept.endswith("(source 1) already: options changed (any: pier), token kept.")
    assert harbour("poll", "--once").startswith("source 1: 1 new")
    server.token = "n3w"
    refused = harbour.run("follow", "#h26", "--on", server.url, "--wall", "harbour", code=1)
    assert f"Invalid access token (401): create a new one on {server.host}" in refused.stderr
    assert "token replaced" in follow(harbour, server, "--token-file", "-", answer="n3w").stdout
    server.token = ""
    assert "token removed" in follow(harbour, server, "--no-token").stdout
    assert stored(harbour) == [("{}", "")]
    assert [row["has_token"] for row in harbour.json("sources")] == [False]


def test_token_is_shown_nowhere_and_is_not_in_the_store(harbour: Any, server: MastodonServer) -> None:
    harbour.environment |= {"BACKCHANNEL_LOG_LEVEL": "debug", "BACKCHANNEL_PORT": "0"}
    follow(harbour, server, "--token-file", "-", answer=SECRET)
    for command in (
        ("follow", "#h26", "--on", server.url, "--wall", "harbour", "--json"),
        ("poll", "--once"),
        ("sources",),
        ("sources", "--json"),
        ("doctor",),
        ("wall", "show", "harbour", "--json"),
    ):
        assert SECRET not in harbour.run(*command, code=None).output
    [(options, credentials)] = stored(harbour)
    assert options == "{}"
    assert credentials != ""
    assert SECRET.encode() not in (harbour.folder / "data" / "backchannel.db").read_bytes()


def test_token_goes_to_one_server_alone(harbour: Any, server: MastodonServer) -> None:
    refused = harbour.run(
        *("follow", "#h26", "--on", server.url, "--on", CLOSED, "--wall", "harbour", "--token-file", "-"),
        code=1,
        answer=SECRET,
    )
    assert refused.stderr.startswith("A token belongs to one server: name that one alone with --on")
    assert (server.requests, harbour.json("sources")) == ([], [])


@pytest.mark.parametrize("token", ["schlüssel", "two words", "line\nbreak", "bell\x07"])
def test_token_of_another_shape_is_refused_when_it_is_typed(harbour: Any, server: MastodonServer, token: str) -> None:
    refused = harbour.run(
        *("follow", "#h26", "--on", server.url, "--wall", "harbour", "--token-file", "-", "--anyway"),
        code=1,
        answer=token,
    )
    assert refused.stderr.count("\n") == 1
    assert token not in refused.output
    assert server.requests == []


def test_token_is_refused_where_a_network_takes_none(harbour: Any, server: MastodonServer) -> None:
    feed = ("follow", f"{CLOSED}/news.xml", "--wall", "harbour", "--anyway")
    refused = harbour.run(*feed, "--token-file", "-", code=1, answer=SECRET)
    assert refused.stderr == "Unknown credential “token” for Web feed: leave it out.\n"
    harbour.environment["BACKCHANNEL_TOKEN"] = SECRET  # for other networks
    assert harbour(*feed) == f"“harbour” follows {CLOSED}/news.xml (source 1).\n"


def test_token_that_is_empty_is_none(harbour: Any, server: MastodonServer) -> None:
    file = harbour.folder / "token.txt"
    file.write_text(" \n")
    command = ("follow", "#h26", "--on", server.url, "--wall", "harbour")
    sentence = "The access token is empty: --no-token removes the one that a source has."
    assert harbour.refused(*command, "--token-file", str(file)) == sentence
    assert server.requests == []


def test_token_file_that_is_none_is_told_as_what_it_is(harbour: Any, server: MastodonServer) -> None:
    command = ("follow", "#h26", "--on", server.url, "--wall", "harbour", "--token-file")
    for missing in (f"{harbour.folder}/none", "~nobody-of-this-name/token"):
        assert harbour.refused(*command, missing) == f"No such file: “{missing}”."
    assert harbour.refused(*command, str(harbour.folder)) == f"“{harbour.folder}” is a folder, not a file."
    assert server.requests == []


def test_ways_to_give_a_token_exclude_each_other(harbour: Any, server: MastodonServer) -> None:
    command = ("follow", "#h26", "--on", server.url, "--wall", "harbour")
    usage = harbour.run(*command, "--token", "x", "--no-token", code=2)
    assert "--token and --no-token can't be combined." in usage.stderr
    assert given_token(None, None, remove=True, environment={"BACKCHANNEL_TOKEN": "x"}) == Given("")


def test_token_that_cannot_be_decrypted_is_told_at_its_source_alone(harbour: Any, server: MastodonServer) -> None:
    follow(harbour, server, "--token-file", "-", answer=SECRET)
    key = harbour.folder / "data" / "secret.key"
    key.write_text("x" * 40)
    harbour("follow", "rehearsal:harbour", "--wall", "harbour")
    polled = harbour.run("poll", "--once")
    assert polled.stderr == (
        f"source 1: Credentials cannot be decrypted: they were encrypted with another secret key than"
        f" the one in {key}; give the token again.\n"
    )
    assert polled.stdout.startswith("source 2: ")
    refused = harbour.run("follow", "#h26", "--on", server.url, "--wall", "harbour", code=1)
    assert refused.stderr.startswith("Credentials cannot be decrypted: ")
    assert "token replaced" in follow(harbour, server, "--token-file", "-", answer=SECRET).stdout
    assert harbour("poll", "--source", "1").startswith("source 1: 1 new")


def test_plain_token_of_an_earlier_version_is_encrypted_and_left_in_no_file(
    harbour: Any, server: MastodonServer
) -> None:
    """Another process has the database open, so that its log stays."""
    server.token = ""
    follow(harbour, server)
    data = harbour.folder / "data"
    with closing(sqlite3.connect(data / "backchannel.db")) as other:
        with other:
            other.execute("UPDATE source SET credentials = '', options = ?", (f'{{"token": "{SECRET}"}}',))
        assert any(SECRET.encode() in file.read_bytes() for file in data.glob("backchannel.db*"))
        harbour("poll", "--once")
        assert [row["has_token"] for row in harbour.json("sources")] == [True]
        assert not [file.name for file in data.glob("backchannel.db*") if SECRET.encode() in file.read_bytes()]
