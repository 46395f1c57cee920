"""Parsing and checking the URL of the database, with the parameters of PostgreSQL's own programs.

No message quotes the URL, which may contain a password.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode

from sqlalchemy.engine import URL

SQLITE = frozenset({"sqlite", "sqlite+aiosqlite"})
POSTGRESQL = frozenset({"postgresql", "postgres", "postgresql+asyncpg"})
SSL_MODES = frozenset({"disable", "allow", "prefer", "require", "verify-ca", "verify-full"})
TLS = frozenset(
    {
        "sslmode",
        "sslrootcert",
        "sslcert",
        "sslkey",
        "sslcrl",
        "sslpassword",
        "sslnegotiation",
        "ssl_min_protocol_version",
        "ssl_max_protocol_version",
    }
)
"""Parameters that the driver accepts only in a URL, under the same names."""
PASSED_ON = frozenset({"passfile", "target_session_attrs", "krbsrvname", "gsslib"})
"""Parameters that the driver accepts unchanged."""
LOCATION = frozenset({"host", "port", "user", "password", "dbname"})
SOCKET = frozenset({"keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout"})
"""Ignored parameters: the store sets keepalive itself."""
SESSION = frozenset({"application_name", "fallback_application_name", "options"})
IGNORED = frozenset({"client_encoding", "gssencmode"}) | SOCKET
KNOWN = TLS | PASSED_ON | LOCATION | SESSION | IGNORED | {"ssl", "connect_timeout", "channel_binding"}

WORD = r"[a-z_]+=[^&?]*"
PARAMETERS = re.compile(rf"\?({WORD}(?:&{WORD})*)$", re.IGNORECASE)
HOST = re.compile(r"/.+|@.+|[a-z0-9_.-]+|[0-9a-f:.]+", re.IGNORECASE)
HOST_AND_PORT = re.compile(r"(\[[^\]]*\]|[^:]*)(?::(.*))?")
OPTION = re.compile(r"(?:-c|--)?\s*([a-z_.]+)=(.*)", re.IGNORECASE | re.DOTALL)
HIGHEST_PORT = 65535
USUAL_PORT = 5432
CONNECT_TIMEOUT = 10.0


class InvalidDatabaseUrl(ValueError):
    """A database URL that cannot be used. `str()` is the reason, without any part of the URL."""


@dataclass(frozen=True)
class Database:
    """The parsed URL. `url` is for the engine (its `repr` hides the password), `driver` for asyncpg."""

    url: URL
    driver: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.url.get_backend_name()

    @property
    def file(self) -> Path | None:
        """The file of a SQLite database; None for PostgreSQL."""
        return Path(self.url.database or "") if self.dialect == "sqlite" else None

    @property
    def location(self) -> str:
        """The file or the server, for messages."""
        hosts = self.driver.get("host")
        if self.file is not None:
            return str(self.file)
        return ", ".join(hosts) if hosts else "this machine"

    @property
    def shown(self) -> str:
        """The URL for people, without password and parameters."""
        if self.file is not None:
            return f"sqlite:///{self.file}"
        hosts = [f"[{host}]" if ":" in host else host for host in self.driver.get("host", [])]
        where = ",".join(f"{host}:{port}" for host, port in zip(hosts, self.driver.get("port", []), strict=False))
        secret = ":***" if self.url.password else ""
        who = f"{self.url.username or ''}{secret}@" if self.url.username or secret else ""
        return f"postgresql://{who}{where}/{self.url.database or ''}"


def sqlite_url(file: Path) -> str:
    """Return the URL of a SQLite file, whatever characters its path has."""
    return f"sqlite:///{quote(str(file))}"


def read_database(text: str) -> Database:
    """Return the database of a URL. Raises InvalidDatabaseUrl."""
    scheme, separator, rest = text.strip().partition("://")
    if separator and scheme.lower() in SQLITE:
        return _sqlite(rest)
    if separator and scheme.lower() in POSTGRESQL:
        return _postgresql(rest)
    raise InvalidDatabaseUrl("it must begin with postgresql:// or sqlite:///")


# --- SQLite -----------------------------------------------------------------------------------------------------


def _sqlite(rest: str) -> Database:
    path, _, parameters = rest.partition("?")
    if parameters:
        raise InvalidDatabaseUrl("a SQLite database takes no parameters after “?” (in a file's name, write %3F)")
    if not path.startswith("/"):
        raise InvalidDatabaseUrl("a SQLite file is written with three slashes, or four before an absolute path")
    file = unquote(path[1:])
    if file in {"", ":memory:"} or "\0" in file:
        raise InvalidDatabaseUrl("a SQLite database needs a file, such as sqlite:////srv/wall/backchannel.db")
    return Database(URL.create("sqlite+aiosqlite", database=file))


# --- PostgreSQL -------------------------------------------------------------------------------------------------


def _postgresql(rest: str) -> Database:
    """Parse `USER:PASSWORD@HOST:PORT,HOST:PORT/NAME?WORD=VALUE&…`, where each part is optional."""
    before, parameters = _parameters(rest)
    credentials, _, location = before.rpartition("@")
    hosts, _, name = location.partition("/")
    user, _, password = credentials.partition(":")
    where = _hosts(hosts, parameters.pop("host", ""), parameters.pop("port", ""))
    who = {
        "user": parameters.pop("user", "") or unquote(user),
        "password": parameters.pop("password", "") or unquote(password),
        "database": parameters.pop("dbname", "") or unquote(name),
    }
    driver = {key: value for key, value in (who | where).items() if value} | _driver(parameters)
    return Database(_shown(who, where), driver)


def _parameters(rest: str) -> tuple[str, dict[str, str]]:
    """Split off the parameters. A password may contain `?` and `@` without percent-encoding."""
    found = PARAMETERS.search(rest)
    if found and _words(found[1]).keys() <= KNOWN:
        return rest[: found.start()], _words(found[1])
    location = rest.rpartition("@")[2]
    _, question, text = location.partition("?")
    if not question:
        return rest, {}
    unknown = [part.partition("=")[0] for part in text.split("&") if part.partition("=")[0].lower() not in KNOWN]
    named = f"“{unknown[0]}”" if unknown and unknown[0].isidentifier() and "@" in rest else "that it has"
    raise InvalidDatabaseUrl(f"it cannot have the parameter {named} after its “?”")


def _words(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split("&"))
    return {name.lower(): unquote(value) for name, _, value in pairs}


def _hosts(hosts: str, named: str, ports: str) -> dict[str, list[str] | list[int]]:
    """Return the hosts (names, addresses, socket folders) and a port for each; empty if the URL has none.

    Hosts before the database's name may have their own ports; `named` hosts have theirs in the parameters.
    """
    pairs = [(_host(part), 0) for part in named.split(",")] if named else [_with_port(p) for p in hosts.split(",") if p]
    given = [_port(port) for port in ports.split(",")] if ports else []
    if len(given) > 1 and len(given) != len(pairs):
        raise InvalidDatabaseUrl("it must have one port for each host")
    if not pairs:
        return {"port": given} if given else {}
    spare = given if len(given) > 1 else (given or [USUAL_PORT]) * len(pairs)
    return {"host": [host for host, _ in pairs], "port": [port or spare[n] for n, (_, port) in enumerate(pairs)]}


def _with_port(part: str) -> tuple[str, int]:
    found = HOST_AND_PORT.fullmatch(part)
    host, port = (found[1], found[2]) if found else ("", "")
    return _host(unquote(host).removeprefix("[").removesuffix("]")), _port(port) if port else 0


def _host(text: str) -> str:
    if not HOST.fullmatch(text):
        raise InvalidDatabaseUrl("after the last “@” there must be the name of a host, and perhaps a port")
    return text


def _port(text: str) -> int:
    if not (text.isdecimal() and 0 < int(text[:6]) <= HIGHEST_PORT):
        raise InvalidDatabaseUrl("its port must be a number up to 65535 (a user and a password come before an “@”)")
    return int(text)


def _driver(parameters: dict[str, str]) -> dict[str, Any]:
    """Return the arguments for asyncpg, other than credentials and hosts."""
    _refuse(parameters)
    tls = {name: parameters[name] for name in sorted(TLS & parameters.keys())}
    driver: dict[str, Any] = {name: parameters[name] for name in PASSED_ON & parameters.keys()}
    if tls:
        driver["dsn"] = f"postgresql://?{urlencode(tls)}"
    name = parameters.get("application_name") or parameters.get("fallback_application_name") or "backchannel"
    driver["server_settings"] = {**_options(parameters.get("options", "")), "application_name": name}
    driver["timeout"] = _seconds(parameters.get("connect_timeout", "0")) or CONNECT_TIMEOUT
    return driver


def _refuse(parameters: dict[str, str]) -> None:
    """Rewrite `ssl` to `sslmode`. Raises InvalidDatabaseUrl for parameters that are not supported."""
    if "ssl" in parameters:
        value = parameters.pop("ssl")
        parameters.setdefault("sslmode", {"true": "require", "false": "disable"}.get(value, value))
    if parameters.get("sslmode", "prefer") not in SSL_MODES:
        raise InvalidDatabaseUrl(f"its sslmode must be one of {', '.join(sorted(SSL_MODES))}")
    if parameters.get("channel_binding") == "require":
        raise InvalidDatabaseUrl("channel_binding=require is not supported: write sslmode=verify-full instead")
    if parameters.get("gssencmode") == "require":
        raise InvalidDatabaseUrl("gssencmode=require is not supported: write sslmode=require instead")
    if parameters.get("client_encoding", "utf8").lower() not in {"utf8", "utf-8", "auto"}:
        raise InvalidDatabaseUrl("its client_encoding can only be UTF8")


def _options(text: str) -> dict[str, str]:
    """Parse `-c name=value -c name=value`."""
    try:
        found = [OPTION.fullmatch(part) for part in shlex.split(text.replace("-c ", "-c"))]
    except ValueError:  # an unclosed quote
        found = [None]
    if not all(found):
        raise InvalidDatabaseUrl("its options must have the form -c NAME=VALUE")
    return {each[1]: each[2] for each in found if each}


def _seconds(text: str) -> float:
    if not text.isdecimal():
        raise InvalidDatabaseUrl("its connect_timeout must be a number of seconds")
    return float(text)


def _shown(who: Mapping[str, str], where: Mapping[str, Any]) -> URL:
    hosts, ports = where.get("host", []), where.get("port", [])
    return URL.create(
        "postgresql+asyncpg",
        username=who["user"] or None,
        password=who["password"] or None,
        host=",".join(hosts) or None,
        port=ports[0] if len(ports) == 1 else None,
        database=who["database"] or None,
    )
