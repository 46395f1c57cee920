"""Settings from the environment, and the messages for invalid ones."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from aggregator.accounts.organisation import Grant, Organisation, organisation_of
from aggregator.accounts.roles import Role as WallRole
from aggregator.role import Role
from aggregator.settings import LogFormat, LogLevel, Settings, SettingsError, document, main, read_settings

MODES = "allow, disable, prefer, require, verify-ca, verify-full"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("BACKCHANNEL_")]:
        monkeypatch.delenv(name)


def test_settings_have_defaults_that_need_no_set_up() -> None:
    settings = read_settings()
    assert settings.model_dump() == {
        "data_dir": ROOT / "var",
        "database_url": "",
        "secret_file": "",
        "host": "127.0.0.1",
        "port": 8000,
        "role": Role.ALL,
        "public_url": "",
        "site_name": "Backchannel",
        "contact": "",
        "imprint_url": "",
        "privacy_url": "",
        "allow_hosts": (),
        "oidc_issuer": "",
        "oidc_client_id": "",
        "oidc_client_secret": SecretStr(""),
        "oidc_client_secret_file": "",
        "oidc_name": "",
        "oidc_scopes": "openid profile email",
        "oidc_email_domains": (),
        "oidc_claim": "groups",
        "oidc_roles": (),
        "oidc_only": False,
        "embed_on": (),
        "indexable": False,
        "poll_concurrency": 16,
        "max_connections": 10_000,
        "max_connections_per_address": 800,
        "log_format": LogFormat.AUTO,
        "log_level": LogLevel.INFO,
    }


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKCHANNEL_DATA_DIR", "/srv/wall")
    monkeypatch.setenv("BACKCHANNEL_ALLOW_HOSTS", " 10.0.0.0/8, ::1 ,fd00::/8,mastodon.intranet,,localhost")
    monkeypatch.setenv("BACKCHANNEL_PUBLIC_URL", "https://wall.example.org/")
    monkeypatch.setenv("BACKCHANNEL_LOG_FORMAT", "JSON")
    monkeypatch.setenv("BACKCHANNEL_CONTACT", "")
    settings = read_settings()
    assert settings.media_dir == Path("/srv/wall/media")
    assert settings.allow_hosts == ("10.0.0.0/8", "::1", "fd00::/8", "mastodon.intranet", "localhost")
    assert (settings.public_url, settings.log_format, settings.contact) == (
        "https://wall.example.org",
        LogFormat.JSON,
        "",
    )


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("ALLOW_HOSTS", "10.0.0.300", "“10.0.0.300” is neither a host name nor a network such as 10.0.0.0/8."),
        (
            "ALLOW_HOSTS",
            "ok.example, no spaces",
            "“no spaces” is neither a host name nor a network such as 10.0.0.0/8.",
        ),
        ("DATABASE_URL", "mysql://root:secret@db/x", "it must begin with postgresql:// or sqlite:///."),
        ("DATABASE_URL", "sqlitefoo:///wall.db", "it must begin with postgresql:// or sqlite:///."),
        ("DATABASE_URL", "postgresql://u:secret@db/x?sslmode=yes", f"its sslmode must be one of {MODES}."),
        (
            "OIDC_ISSUER",
            "http://login.example",
            "it must be an address with https://, such as https://login.example.org.",
        ),
        ("OIDC_ISSUER", "https://login.example", "it needs BACKCHANNEL_PUBLIC_URL, to which the provider leads back."),
        ("OIDC_CLIENT_SECRET_FILE", "/nowhere/secret", "the file cannot be read: check its path and its owner."),
        ("OIDC_CLIENT_SECRET_FILE", "/dev/null", "the file is empty: write the client secret into it."),
        (
            "OIDC_ROLES",
            "crew=boss:hall",
            "“crew=boss:hall” is neither VALUE=admin nor VALUE=ROLE:WALL, such as crew=moderator:*.",
        ),
        (
            "EMBED_ON",
            "https://a.example/page",
            "“https://a.example/page” is not a site such as https://conference.example (without path or slash).",
        ),
        ("LOG_FORMAT", "xml", "it must be auto, pretty or json."),
        ("POLL_CONCURRENCY", "0", "it must be 1 or more."),
        ("PORT", "eighty", "it must be a whole number, such as 3."),
        ("PUBLIC_URL", "wall.example.org", "it must be a full address such as https://wall.example.org."),
        (
            "PUBLIC_URL",
            "https://example.org/wall",
            "it must be a host of its own such as https://wall.example.org: a path isn't possible.",
        ),
    ],
)
def test_a_bad_value_gives_one_sentence_that_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(f"BACKCHANNEL_{variable}", value)
    with pytest.raises(SettingsError) as refusal:
        read_settings()
    assert refusal.value.sentences == [f"BACKCHANNEL_{variable}: {sentence}"]


def test_each_bad_value_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKCHANNEL_PORT", "eighty")
    monkeypatch.setenv("BACKCHANNEL_LOG_LEVEL", "loud")
    with pytest.raises(SettingsError) as refusal:
        read_settings()
    assert str(refusal.value) == (
        "BACKCHANNEL_PORT: it must be a whole number, such as 3.\n"
        "BACKCHANNEL_LOG_LEVEL: it must be debug, info, warning or error."
    )


@pytest.mark.parametrize(
    ("database_url", "store_url"),
    [("", "sqlite:////srv/wall%3F/backchannel.db"), ("postgresql://u:p@db/wall", "postgresql://u:p@db/wall")],
)
def test_the_store_is_in_the_data_folder_unless_it_is_named(database_url: str, store_url: str) -> None:
    assert Settings(data_dir=Path("/srv/wall?"), database_url=database_url).store_url == store_url


def test_the_data_folder_is_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings(data_dir=Path("wall")).data_dir == tmp_path / "wall"
    assert Settings(data_dir=Path("~/wall")).data_dir == Path.home() / "wall"


def test_a_data_folder_that_cannot_be_made_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    below = tmp_path / "file" / "below"
    for folder, why in {
        tmp_path / "file": f"not a folder: “{tmp_path}/file” is a file or lies below one; name a folder",
        below: f"not a folder: “{below}” is a file or lies below one; name a folder",
        tmp_path / ("x" * 300): f"cannot create the folder “{tmp_path}/{'x' * 300}”:"
        " give this user permission, or name another folder",
    }.items():
        with pytest.raises(SettingsError) as refusal:
            Settings(data_dir=folder).make_data_dir()
        assert refusal.value.sentences == [f"BACKCHANNEL_DATA_DIR: {why}."]


def test_every_setting_is_explained_in_one_sentence() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith((".", "`.")), name
        assert f"| `BACKCHANNEL_{name.upper()}` |" in document()


def test_the_page_about_settings_is_up_to_date() -> None:
    check = [sys.executable, "-W", "error", "-m", "aggregator.settings", "--check", "docs/settings.md"]
    done = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_page_about_settings_is_written_and_then_found_up_to_date(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = str(tmp_path / "settings.md")
    assert main(["--check", page]) == 1
    assert capsys.readouterr().err == f"{page} is out of date: run python -m aggregator.settings {page}\n"
    assert main([page]) == 0
    assert main(["--check", page]) == 0
    assert main([]) == main(["--help"]) == 2


def test_openid_provider_needs_a_client_and_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKCHANNEL_PUBLIC_URL", "https://wall.example.org")
    monkeypatch.setenv("BACKCHANNEL_OIDC_ISSUER", "https://login.example.org")
    with pytest.raises(SettingsError) as caught:
        read_settings()
    assert caught.value.sentences == [
        "BACKCHANNEL_OIDC_CLIENT_ID: it must be given with BACKCHANNEL_OIDC_ISSUER.",
        "BACKCHANNEL_OIDC_ROLES: say who may sign in, here or in BACKCHANNEL_OIDC_EMAIL_DOMAINS.",
    ]
    monkeypatch.setenv("BACKCHANNEL_OIDC_CLIENT_ID", "backchannel")
    monkeypatch.setenv("BACKCHANNEL_OIDC_CLIENT_SECRET", "secret")
    monkeypatch.setenv("BACKCHANNEL_OIDC_EMAIL_DOMAINS", "Council.example, other.example")
    monkeypatch.setenv("BACKCHANNEL_OIDC_ROLES", "cn=crew,ou=hall=owner:hall")
    with pytest.raises(SettingsError, match="“cn=crew” is neither"):
        read_settings()
    monkeypatch.setenv("BACKCHANNEL_OIDC_ROLES", "a=b=owner:hall,it=admin")
    settings = read_settings()
    assert (settings.oidc_secret, str(settings.oidc_client_secret)) == ("secret", "**********")
    assert organisation_of(settings) == Organisation(
        issuer="https://login.example.org",
        client_id="backchannel",
        client_secret="secret",
        name="login.example.org",
        redirect_uri="https://wall.example.org/api/session/organisation/callback",
        email_domains=("council.example", "other.example"),
        claim="groups",
        grants=(Grant("a=b", WallRole.OWNER, "hall"), Grant("it", None)),
    )
