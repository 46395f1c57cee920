"""What an operator can set, by environment: one `BACKCHANNEL_…` variable for each field, explained once, here.

It refuses to know what the settings are used for; `docs/settings.md` is made from it (`python -m aggregator.settings`).
"""

from __future__ import annotations

import re
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticUndefined
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from aggregator.data_folder import default_folder
from aggregator.role import Role
from aggregator.store.url import read_database, sqlite_url
from aggregator.validation import is_network, looks_numeric, reason
from connectors.text.hosts import split_port

PREFIX = "BACKCHANNEL_"
SITE = re.compile(r"https?://(?:\*\.)?[a-z0-9.-]+(?::\d{1,5})?", re.IGNORECASE)
HOST_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*", re.IGNORECASE)


class LogFormat(StrEnum):
    AUTO = "auto"
    PRETTY = "pretty"
    JSON = "json"


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class SettingsError(Exception):
    """Some variables have values that cannot be used. `sentences` has one for each, and `str()` has them all."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


class Settings(BaseSettings):
    """Everything that can be set. Construct it with `read_settings()`, which turns bad values into plain sentences."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid")

    data_dir: Path = Field(
        default_factory=default_folder,
        description="The folder where Backchannel keeps its database (unless another is named) and its pictures. Empty"
        " means `var` in a checkout of Backchannel, and elsewhere `/var/lib/backchannel` for root,"
        " `$XDG_DATA_HOME/backchannel` (or `~/.local/share/backchannel`) for anybody else.",
    )
    database_url: str = Field(
        default="",
        description="The database, such as `postgresql://user:password@host/name`;"
        " empty means SQLite in the data folder.",
    )
    secret_file: str = Field(
        default="",
        description="The file with the secret key that encrypts sources' access tokens, the same for all processes of"
        " one database; empty means `secret.key` in the data folder, made when it is first needed.",
    )
    host: str = Field(
        default="127.0.0.1",
        description="The address that `serve` listens on; `0.0.0.0` lets other machines in.",
    )
    port: int = Field(default=8000, ge=0, le=65535, description="The port that `serve` listens on; 0 takes a free one.")
    role: Role = Field(
        default=Role.ALL,
        description="What `serve` does: `web` serves pages and live readers, `intake` polls and fetches pictures, `all`"
        " does both. Two processes on one database need one of each, and the same data folder.",
    )
    public_url: str = Field(
        default="",
        description="The address under which people reach this server, used in links and QR codes. Empty means this"
        " machine's own on its network, where `serve` lets other machines in; else there is no QR code.",
    )
    site_name: str = Field(
        default="Backchannel",
        max_length=80,
        description="What this server calls itself: the headline of the front page, and its name in previews of links.",
    )
    contact: str = Field(
        default="",
        description="A web page or e-mail address that you can be reached at: every outgoing request names it for other"
        " networks' operators, each wall for whoever wants to be left out, and the front page for all.",
    )
    imprint_url: str = Field(
        default="",
        description="A web page that says who runs this server, which many countries want; each page links to it.",
    )
    privacy_url: str = Field(
        default="",
        description="A web page that says what this server keeps, and for how long; each page links to it.",
    )
    allow_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Host names or networks, separated by commas, that sources may lie on although they are private"
        " or local; for one port alone with `:PORT` behind it. Whatever a post, a page or a redirect names is fetched"
        " from there only where a source lies on that very host and port.",
    )
    embed_on: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Web sites, separated by commas, that may show a wall inside a page of their own,"
        " such as `https://conference.example`.",
    )
    indexable: bool = Field(
        default=False,
        description="Whether search engines may list the walls, unlisted ones apart."
        " Who posts for a hall has not asked to be found by it.",
    )
    max_connections: int = Field(
        default=10_000,
        ge=16,
        description="How many connections the server takes at the most; fewer where the system's limit of open files"
        " is lower.",
    )
    max_connections_per_address: int = Field(
        default=800,
        ge=1,
        description="How many of them may come from one address, behind which a whole hall may be. This machine and"
        " the proxies in `FORWARDED_ALLOW_IPS` are exempt: let the proxy count its visitors.",
    )
    poll_concurrency: int = Field(
        default=16, ge=1, le=256, description="How many sources are polled at the same time, at the most."
    )
    log_format: LogFormat = Field(
        default=LogFormat.AUTO,
        description="How logs are written: `pretty`, `json`, or `auto`: pretty on a terminal, JSON otherwise.",
    )
    log_level: LogLevel = Field(
        default=LogLevel.INFO,
        description="The least important log lines to write: `debug`, `info`, `warning`, `error`.",
    )

    @field_validator("data_dir")
    @classmethod
    def _is_absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("allow_hosts", "embed_on", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("allow_hosts")
    @classmethod
    def _each_is_a_host_or_network(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for part in value:
            host, _ = split_port(part)
            if not (is_network(host) or (HOST_NAME.fullmatch(host) and not looks_numeric(host))):
                raise ValueError(f"“{part}” is neither a host name nor a network such as 10.0.0.0/8")
        return value

    @field_validator("embed_on")
    @classmethod
    def _each_is_a_site(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for part in value:
            if not SITE.fullmatch(part):
                raise ValueError(f"“{part}” is not a site such as https://conference.example (no path, no slash)")
        return value

    @field_validator("database_url")
    @classmethod
    def _is_a_known_database(cls, value: str) -> str:
        if value:
            read_database(value)
        return value.strip()

    @field_validator("public_url", "imprint_url", "privacy_url")
    @classmethod
    def _is_a_web_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.hostname):
            raise ValueError("it must be a full address such as https://wall.example.org")
        return value

    @field_validator("public_url")
    @classmethod
    def _without_a_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @field_validator("log_format", "log_level", mode="before")
    @classmethod
    def _in_lower_case(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @property
    def store_url(self) -> str:
        """The database that is meant, as `Store` wants it named."""
        return self.database_url or sqlite_url((self.data_dir / "backchannel.db").resolve())

    @property
    def secret_path(self) -> Path:
        return Path(self.secret_file).expanduser() if self.secret_file else self.data_dir / "secret.key"

    @property
    def media_dir(self) -> Path:
        return self.data_dir / "media"

    def make_data_dir(self) -> None:
        """Raises SettingsError where there can be no such folder."""
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            self.check_data_dir()
            raise
        except OSError:
            reason = f"the folder “{self.data_dir}” cannot be made: give this user the right to, or name another"
            raise SettingsError([f"{variable('data_dir')}: {reason}."]) from None

    def check_data_dir(self) -> None:
        """Raises SettingsError where a file is in the place of the folder. That there is none yet is no matter."""
        nearest = next(each for each in (self.data_dir, *self.data_dir.parents) if each.exists())
        if not nearest.is_dir():
            raise SettingsError(
                [f"{variable('data_dir')}: “{self.data_dir}” is a file, or lies below one: name a folder."]
            )


def read_settings() -> Settings:
    """The settings as the environment has them. Raises SettingsError with one sentence for each bad variable."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError([_sentence(detail) for detail in error.errors()]) from None


def variable(field: str) -> str:
    return PREFIX + field.upper()


def shown_default(field: FieldInfo) -> str:
    """The default as an operator would type it; empty where it is nothing, or depends on the machine."""
    default = field.get_default()
    return "" if default is PydanticUndefined else ",".join(default) if isinstance(default, tuple) else str(default)


def document() -> str:
    """The whole of docs/settings.md."""
    rows = [
        f"| `{variable(name)}` | {f'`{shown_default(field)}`' if shown_default(field) else ''} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(
        [
            "# Settings",
            "",
            "Set in the environment, read once at the start. `backchannel doctor --all` shows each with its value.",
            "",
            "| variable | default | what it is |",
            "| --- | --- | --- |",
            *rows,
            "",
        ]
    )


def main(arguments: list[str]) -> int:
    """`PATH` writes the page there; `--check PATH` says whether it is up to date, by its exit code."""
    match arguments:
        case ["--check", path]:
            if Path(path).is_file() and Path(path).read_text(encoding="utf-8") == document():
                return 0
            sys.stderr.write(f"{path} is out of date: run python -m aggregator.settings {path}\n")
            return 1
        case [path] if not path.startswith("-"):
            Path(path).write_text(document(), encoding="utf-8")
            return 0
        case _:
            sys.stderr.write("usage: python -m aggregator.settings [--check] PATH\n")
            return 2


def _sentence(detail: ErrorDetails) -> str:
    """The value itself stays out of it: a database's URL holds a password."""
    return f"{variable(str(detail['loc'][0]))}: {reason(detail)}."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
