"""Parsing the URL of a database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aggregator.store.url import Database, InvalidDatabaseUrl, read_database, sqlite_url


def told(url: str) -> dict[str, Any]:
    """Return the driver's arguments, without those that are always the same."""
    usual = {"server_settings": {"application_name": "backchannel"}, "timeout": 10.0, "port": [5432]}
    return {name: value for name, value in read_database(url).driver.items() if usual.get(name) != value}


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("postgresql://u:p@h/d", {"user": "u", "password": "p", "host": ["h"], "database": "d"}),
        ("postgres://h", {"host": ["h"]}),
        ("postgresql+asyncpg://u@h:6432/d", {"user": "u", "host": ["h"], "port": [6432], "database": "d"}),
        (" PostgreSQL://h/d ", {"host": ["h"], "database": "d"}),
        ("postgresql:///d", {"database": "d"}),
        ("postgresql://", {}),
        ("postgresql://[::1]:5433/d", {"host": ["::1"], "port": [5433], "database": "d"}),
        (
            "postgresql://a:1,b/d?target_session_attrs=read-write",
            {"host": ["a", "b"], "port": [1, 5432], "database": "d", "target_session_attrs": "read-write"},
        ),
        ("postgresql://a,b/d?port=6432", {"host": ["a", "b"], "port": [6432, 6432], "database": "d"}),
        ("postgresql://a,b/d?port=1,2", {"host": ["a", "b"], "port": [1, 2], "database": "d"}),
        ("postgresql:///d?port=6432", {"port": [6432], "database": "d"}),
        ("postgresql:///d?host=/run/postgresql&user=u", {"host": ["/run/postgresql"], "user": "u", "database": "d"}),
        ("postgresql://%2Frun%2Fpostgresql/d", {"host": ["/run/postgresql"], "database": "d"}),
        ("postgresql://%2Frun:5433/d", {"host": ["/run"], "port": [5433], "database": "d"}),
        ("postgresql:///d?host=::1,h&port=1", {"host": ["::1", "h"], "port": [1, 1], "database": "d"}),
        ("postgresql://h?dbname=d&password=p%40", {"host": ["h"], "database": "d", "password": "p@"}),
    ],
)
def test_a_place_is_read_whichever_way_it_is_written(url: str, driver: dict[str, Any]) -> None:
    assert told(url) == driver


@pytest.mark.parametrize("password", ["p@ss", "a/b", "a?b", "a#b", "a:b", "50%", "@", "a b", "p@x?sslmode=no@", "é"])
def test_a_password_may_be_written_as_it_is(password: str) -> None:
    assert told(f"postgresql://u:{password}@h/d?sslmode=disable") == {
        "user": "u",
        "password": password,
        "host": ["h"],
        "database": "d",
        "dsn": "postgresql://?sslmode=disable",
    }


def test_a_password_may_be_written_as_urls_have_it() -> None:
    assert told("postgresql://u:p%40%2Fs%3F@h/d")["password"] == "p@/s?"


@pytest.mark.parametrize(
    ("parameters", "driver"),
    [
        ("sslmode=require", {"dsn": "postgresql://?sslmode=require"}),
        ("ssl=true", {"dsn": "postgresql://?sslmode=require"}),
        ("ssl=verify-full", {"dsn": "postgresql://?sslmode=verify-full"}),
        (
            "sslmode=verify-ca&sslrootcert=/etc/ca+1.crt",
            {"dsn": "postgresql://?sslmode=verify-ca&sslrootcert=%2Fetc%2Fca%2B1.crt"},
        ),
        ("connect_timeout=3", {"timeout": 3.0}),
        ("connect_timeout=0", {}),
        ("application_name=wall@hall", {"server_settings": {"application_name": "wall@hall"}}),
        ("fallback_application_name=wall", {"server_settings": {"application_name": "wall"}}),
        (
            "options=-c%20search_path%3Dwall%20-cwork_mem%3D'4 MB'",
            {"server_settings": {"application_name": "backchannel", "search_path": "wall", "work_mem": "4 MB"}},
        ),
        ("passfile=/etc/pass", {"passfile": "/etc/pass"}),
        ("keepalives=1&keepalives_idle=5&tcp_user_timeout=9000&client_encoding=utf8&gssencmode=prefer", {}),
        ("channel_binding=prefer", {}),
    ],
)
def test_the_words_of_postgresql_s_own_programs_are_understood(parameters: str, driver: dict[str, Any]) -> None:
    assert told(f"postgresql://h/d?{parameters}") == {"host": ["h"], "database": "d"} | driver


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("sqlitefoo:///wall.db", "it must begin with postgresql:// or sqlite:///"),
        ("host=db user=wall password=s3cret", "it must begin with postgresql:// or sqlite:///"),
        ("postgresql://u:s3cret", "its port must be a number up to 65535 (a user and a password come before an “@”)"),
        (
            "postgresql://u:s3cret@h:65536/d",
            "its port must be a number up to 65535 (a user and a password come before an “@”)",
        ),
        ("postgresql://u:s3cret@h,i/d?port=1,2,3", "it must have one port for each host"),
        ("postgresql://u:s3cret@a b/d", "after the last “@” there must be the name of a host, and perhaps a port"),
        ("postgresql://u:s3cret@[::1/d", "after the last “@” there must be the name of a host, and perhaps a port"),
        ("postgresql://u:s3cret@h/d?sslmod=require", "it cannot have the parameter “sslmod” after its “?”"),
        ("postgresql://u:s3cret@h/d?a=b&sslmode", "it cannot have the parameter “a” after its “?”"),
        ("postgresql://s3cret?s3cret=1", "it cannot have the parameter that it has after its “?”"),
        ("postgresql://u:s3cret@h/d?sslmode", "it cannot have the parameter that it has after its “?”"),
        (
            "postgresql://u:s3cret@h/d?sslmode=yes",
            "its sslmode must be one of allow, disable, prefer, require, verify-ca, verify-full",
        ),
        ("postgresql://u:s3cret@h/d?connect_timeout=soon", "its connect_timeout must be a number of seconds"),
        ("postgresql://u:s3cret@h/d?client_encoding=latin1", "its client_encoding can only be UTF8"),
        (
            "postgresql://u:s3cret@h/d?channel_binding=require",
            "channel_binding=require is not supported: write sslmode=verify-full instead",
        ),
        (
            "postgresql://u:s3cret@h/d?gssencmode=require",
            "gssencmode=require is not supported: write sslmode=require instead",
        ),
        ("postgresql://u:s3cret@h/d?options=s3cret", "its options must have the form -c NAME=VALUE"),
        ("postgresql://u:s3cret@h/d?options=-c a='s3cret", "its options must have the form -c NAME=VALUE"),
        ("sqlite://wall.db", "a SQLite file is written with three slashes, or four before an absolute path"),
        ("sqlite:///", "a SQLite database needs a file, such as sqlite:////srv/wall/backchannel.db"),
        ("sqlite:///:memory:", "a SQLite database needs a file, such as sqlite:////srv/wall/backchannel.db"),
        ("sqlite:///x?mode=ro", "a SQLite database takes no parameters after “?” (in a file's name, write %3F)"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_sentence_without_its_secrets(url: str, why: str) -> None:
    with pytest.raises(InvalidDatabaseUrl) as refusal:
        read_database(url)
    assert str(refusal.value) == why
    assert "s3cret" not in str(refusal.value)


@pytest.mark.parametrize("path", ["/srv/wall.db", "wall.db", "/srv/50%41/a?b#c d.db"])
def test_a_file_keeps_its_path(path: str) -> None:
    database = read_database(sqlite_url(Path(path)))
    assert (database.file, database.dialect, dict(database.driver)) == (Path(path), "sqlite", {})


@pytest.mark.parametrize(
    ("url", "shown", "place"),
    [
        ("postgres://u:s3cret@h/d?sslmode=require", "postgresql://u:***@h:5432/d", "h"),
        ("postgresql://a,[::1]:1/d", "postgresql://a:5432,[::1]:1/d", "a, ::1"),
        ("postgresql://:s3cret@h", "postgresql://:***@h:5432/", "h"),
        ("postgresql:///d", "postgresql:///d", "this machine"),
        ("sqlite:///wall.db", "sqlite:///wall.db", "wall.db"),
    ],
)
def test_a_database_is_shown_without_its_password(url: str, shown: str, place: str) -> None:
    database: Database = read_database(url)
    assert (database.shown, database.location) == (shown, place)
    assert "s3cret" not in f"{database!r} {database.url}"
