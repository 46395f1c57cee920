"""Signing in through an organisation in a browser, with an OpenID provider in another process than the server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.test_desk import is_clean, open_page, shows
from tests.fakes.openid_provider import CLIENT_ID, SECRET, FakeOpenIdProvider
from tests.wall_server import WallServer


@pytest.fixture
def council() -> Iterator[FakeOpenIdProvider]:
    fake = FakeOpenIdProvider()
    with fake.served():
        yield fake


@pytest.fixture
def server(tmp_path: Path, council: FakeOpenIdProvider) -> Iterator[WallServer]:
    """A server whose crew are moderators of the wall."""
    secret = tmp_path / "secret"
    secret.write_text(f"{SECRET}\n")
    server = WallServer(
        tmp_path,
        BACKCHANNEL_PUBLIC_URL="{url}",
        BACKCHANNEL_OIDC_ISSUER=council.issuer,
        BACKCHANNEL_OIDC_CLIENT_ID=CLIENT_ID,
        BACKCHANNEL_OIDC_CLIENT_SECRET_FILE=str(secret),
        BACKCHANNEL_OIDC_NAME="The council",
        BACKCHANNEL_OIDC_ROLES="crew=moderator:hall",
    )
    server.run("wall", "create", "hall", "--name", "The hall")
    server.start()
    try:
        yield server
    finally:
        server.stop()


async def test_people_of_an_organisation_sign_in_and_confirm_there(
    browser: Browser, server: WallServer, council: FakeOpenIdProvider
) -> None:
    page = await open_page(browser, f"{server.url}/desk/account")
    await shows(page, "Sign in to the desk")
    await is_clean(page)
    council.person["groups"] = ["visitors"]
    await page.get_by_role("button", name="Sign in with The council").click()
    await expect(page.get_by_role("alert").filter(has_text="this server does not let you in")).to_be_visible()
    await is_clean(page)

    council.person["groups"] = ["crew"]
    await page.goto(f"{server.url}/desk/account")
    await page.get_by_role("button", name="Sign in with The council").click()
    await shows(page, "Your account")
    await expect(page.get_by_text("robin@council.example")).to_be_visible()
    await expect(page.get_by_text("Your account is connected")).to_be_visible()
    await is_clean(page)
    await page.get_by_role("button", name="Make a token").click()
    await page.get_by_label("Name", exact=True).fill("nightly export")
    await page.get_by_role("button", name="Make the token").click()
    dialog = page.get_by_role("dialog", name="Confirm that it is you")
    await is_clean(page)
    await dialog.get_by_role("button", name="Confirm with The council").click()
    await expect(dialog).to_have_count(0)
    await shows(page, "Your account")
    await page.get_by_role("button", name="Make a token").click()
    await page.get_by_label("Name", exact=True).fill("nightly export")
    await page.get_by_role("button", name="Make the token").click()
    await expect(page.get_by_label("Your new token")).to_be_focused()

    await page.get_by_role("link", name="Walls").click()
    await expect(page.get_by_role("article")).to_contain_text("Moderator")
    await page.get_by_role("button", name="Sign out", exact=True).click()
    await shows(page, "Sign in to the desk")
