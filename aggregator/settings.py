"""The settings: one environment variable `BACKCHANNEL_…` for each field.

`docs/settings.md` is generated from them (`python -m aggregator.settings`).
"""

from __future__ import annotations

import re
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticUndefined
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from aggregator.data_folder import default_folder, keep_private
from aggregator.role import Role
from aggregator.store.url import read_database, sqlite_url
from aggregator.validation import is_network, looks_numeric, reason
from connectors.text.hosts import split_port

PREFIX = "BACKCHANNEL_"
SITE = re.compile(r"https?://(?:\*\.)?[a-z0-9.-]+(?::\d{1,5})?", re.IGNORECASE)
GRANT = re.compile(r".+=(?:admin|(?:owner|organiser|moderator|author):(?:\*|[a-z0-9-]+))")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
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
    """Some variables have invalid values. `sentences` has one for each, and `str()` joins them."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


class Settings(BaseSettings):
    """All settings. Construct them with `read_settings()`, which turns invalid values into plain sentences."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid")

    data_dir: Path = Field(
        default_factory=default_folder,
        description="The data folder, with the pictures and, unless another database is set, the SQLite database."
        " Default: `var` in a checkout of Backchannel, otherwise `/var/lib/backchannel` for root and"
        " `$XDG_DATA_HOME/backchannel` (or `~/.local/share/backchannel`) for other users.",
    )
    database_url: str = Field(
        default="",
        description="The URL of the database, such as `postgresql://user:password@host/name`."
        " Default: SQLite in the data folder.",
    )
    secret_file: str = Field(
        default="",
        description="The file with the secret key that encrypts the access tokens of sources. All processes that share"
        " a database need the same key. Default: `secret.key` in the data folder, created when first needed.",
    )
    host: str = Field(
        default="127.0.0.1",
        description="The address that `serve` listens on; `0.0.0.0` accepts connections from other machines.",
    )
    port: int = Field(default=8000, ge=0, le=65535, description="The port that `serve` listens on; 0 picks a free one.")
    role: Role = Field(
        default=Role.ALL,
        description="The role of `serve`: `web` serves pages and live readers, `intake` polls and fetches pictures,"
        " `all` does both. Two processes on one database need one of each, and the same data folder.",
    )
    public_url: str = Field(
        default="",
        description="The public URL of this server, used in links and QR codes. Default: this machine's address on its"
        " network if `serve` accepts connections from other machines; otherwise there is no QR code.",
    )
    site_name: str = Field(
        default="Backchannel",
        max_length=80,
        description="The name of this server: the headline of the front page, and the site name in link previews.",
    )
    contact: str = Field(
        default="",
        description="A web page or e-mail address at which you can be reached. It is sent with every outgoing request,"
        " for the operators of other networks, and shown on each wall, for people who want to be left out, and on the"
        " front page.",
    )
    imprint_url: str = Field(
        default="",
        description="A web page that says who runs this server (a legal notice, required in many countries). Each page"
        " links to it.",
    )
    privacy_url: str = Field(
        default="",
        description="A web page with the privacy policy: what this server stores, and for how long. Each page links to"
        " it.",
    )
    allow_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Private or local host names and networks on which sources are allowed, separated by commas; add"
        " `:PORT` to allow one port only. Pictures and redirects are fetched from there only if a source uses the same"
        " host and port.",
    )
    oidc_issuer: str = Field(
        default="",
        description="The issuer of an OpenID provider, such as `https://login.example.org/realms/staff`, through which"
        " an organisation's people sign in to the desk ([accounts](accounts.md#an-organisation)). It needs the public"
        " URL, and `BACKCHANNEL_ALLOW_HOSTS` if its address is private.",
    )
    oidc_client_id: str = Field(
        default="", validate_default=True, description="The client id that the OpenID provider has given this server."
    )
    oidc_client_secret: SecretStr = Field(
        default=SecretStr(""), description="The client secret; better, name a file in the next setting."
    )
    oidc_client_secret_file: str = Field(
        default="", description="The file with the client secret. A client without a secret is known by PKCE alone."
    )
    oidc_name: str = Field(
        default="",
        max_length=60,
        description="The organisation's name, on the button of the sign-in page. Default: the issuer's host.",
    )
    oidc_scopes: str = Field(
        default="openid profile email",
        description="What the provider is asked for, separated by spaces; add `groups` where a claim needs it.",
    )
    oidc_email_domains: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Domains of e-mail addresses, separated by commas. Who has one that the provider has verified may"
        " sign in.",
    )
    oidc_claim: str = Field(
        default="groups", description="The claim that `BACKCHANNEL_OIDC_ROLES` is about; `a.b` is `b` inside of `a`."
    )
    oidc_roles: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        validate_default=True,
        description="What values of the claim give, separated by commas: `VALUE=admin`, or `VALUE=ROLE:WALL` with a"
        " wall's slug, or `*` for every wall. Who has such a value may sign in.",
    )
    oidc_only: bool = Field(
        default=False,
        description="Whether the OpenID provider is the only way in: passwords and passkeys are then refused, except"
        " with a one-time link of `backchannel account link`.",
    )
    embed_on: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Web sites that may embed a wall in their own pages, separated by commas, such as"
        " `https://conference.example`.",
    )
    indexable: bool = Field(
        default=False,
        description="Whether search engines may index the walls, except unlisted ones. The default protects authors,"
        " who posted for a conference and not for a search engine.",
    )
    max_connections: int = Field(
        default=10_000,
        ge=16,
        description="The maximum number of connections; lower if the system's limit of open files is lower.",
    )
    max_connections_per_address: int = Field(
        default=800,
        ge=1,
        description="The maximum number of connections from one address, which a whole hall may share. This machine and"
        " the proxies in `FORWARDED_ALLOW_IPS` are exempt: let the proxy limit its visitors.",
    )
    poll_concurrency: int = Field(
        default=16, ge=1, le=256, description="The maximum number of sources that are polled at the same time."
    )
    log_format: LogFormat = Field(
        default=LogFormat.AUTO,
        description="The format of logs: `pretty`, `json`, or `auto` (pretty on a terminal, otherwise JSON).",
    )
    log_level: LogLevel = Field(
        default=LogLevel.INFO,
        description="The lowest level of log lines to write: `debug`, `info`, `warning` or `error`.",
    )

    @field_validator("data_dir")
    @classmethod
    def _is_absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("allow_hosts", "embed_on", "oidc_email_domains", "oidc_roles", mode="before")
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
                raise ValueError(f"“{part}” is not a site such as https://conference.example (without path or slash)")
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
    def _is_an_origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("it must be a host of its own such as https://wall.example.org: a path isn't possible")
        return value.rstrip("/")

    @field_validator("oidc_issuer")
    @classmethod
    def _is_an_issuer(cls, value: str, info: ValidationInfo) -> str:
        parts = urlsplit(value)
        if value and not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)):
            raise ValueError("it must be an address with https://, such as https://login.example.org")
        if value and not info.data.get("public_url"):
            raise ValueError(f"it needs {variable('public_url')}, to which the provider leads back")
        return value

    @field_validator("oidc_client_id")
    @classmethod
    def _is_given_with_an_issuer(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("oidc_issuer") and not value:
            raise ValueError(f"it must be given with {variable('oidc_issuer')}")
        return value

    @field_validator("oidc_client_secret_file")
    @classmethod
    def _has_a_secret(cls, value: str) -> str:
        try:
            if value and not _secret_in(value):
                raise ValueError("the file is empty: write the client secret into it")
        except OSError:
            raise ValueError("the file cannot be read: check its path and its owner") from None
        return value

    @field_validator("oidc_roles")
    @classmethod
    def _each_gives_a_role(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        for part in value:
            if not GRANT.fullmatch(part):
                raise ValueError(f"“{part}” is neither VALUE=admin nor VALUE=ROLE:WALL, such as crew=moderator:*")
        if info.data.get("oidc_issuer") and not value and not info.data.get("oidc_email_domains"):
            raise ValueError(f"say who may sign in, here or in {variable('oidc_email_domains')}")
        return value

    @field_validator("log_format", "log_level", mode="before")
    @classmethod
    def _in_lower_case(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @property
    def store_url(self) -> str:
        """The URL of the database for `Store`."""
        return self.database_url or sqlite_url((self.data_dir / "backchannel.db").resolve())

    @property
    def secret_path(self) -> Path:
        return Path(self.secret_file).expanduser() if self.secret_file else self.data_dir / "secret.key"

    @property
    def oidc_secret(self) -> str:
        """The client secret of the OpenID provider; empty if there is none. Raises OSError."""
        path = self.oidc_client_secret_file
        return _secret_in(path) if path else self.oidc_client_secret.get_secret_value()

    @property
    def media_dir(self) -> Path:
        return self.data_dir / "media"

    def make_data_dir(self) -> None:
        """Create the data folder if it does not exist, and close it to others. Raises SettingsError if it can't."""
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            keep_private(self.data_dir)
        except (FileExistsError, NotADirectoryError):
            self.check_data_dir()
            raise
        except OSError:
            problem = f"cannot create the folder “{self.data_dir}”: give this user permission, or name another folder"
            raise SettingsError([f"{variable('data_dir')}: {problem}."]) from None

    def check_data_dir(self) -> None:
        """Raise SettingsError if a file is in the way of the data folder, which need not exist yet."""
        nearest = next(each for each in (self.data_dir, *self.data_dir.parents) if each.exists())
        if not nearest.is_dir():
            raise SettingsError(
                [f"{variable('data_dir')}: not a folder: “{self.data_dir}” is a file or lies below one; name a folder."]
            )


def read_settings() -> Settings:
    """Return the settings from the environment. Raises SettingsError with one sentence for each invalid variable."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError([_sentence(detail) for detail in error.errors()]) from None


def _secret_in(path: str) -> str:
    return Path(path).expanduser().read_text(encoding="utf-8", errors="replace").strip()


def variable(field: str) -> str:
    return PREFIX + field.upper()


def shown_default(field: FieldInfo) -> str:
    """Return the default as an operator would type it; empty if it is empty or depends on the machine."""
    default = field.get_default()
    return "" if default is PydanticUndefined else ",".join(default) if isinstance(default, tuple) else str(default)


def document() -> str:
    """Return the content of docs/settings.md."""
    rows = [
        f"| `{variable(name)}` | {f'`{shown_default(field)}`' if shown_default(field) else ''} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(
        [
            "# Settings",
            "",
            "Settings are environment variables, read once at start. `backchannel doctor --all` shows their values.",
            "",
            "| variable | default | description |",
            "| --- | --- | --- |",
            *rows,
            "",
        ]
    )


def main(arguments: list[str]) -> int:
    """Write the page to `PATH`; with `--check PATH`, return 1 if it is out of date."""
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
    """Return a sentence about an invalid variable, without its value, which may contain a password."""
    return f"{variable(str(detail['loc'][0]))}: {reason(detail)}."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
