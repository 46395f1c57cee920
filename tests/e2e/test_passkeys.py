"""Passkeys in a browser, with Chromium's virtual authenticator: an account made, signed in and kept by one."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from playwright.async_api import Browser, Page, expect

from tests.accounts import PASSWORD
from tests.e2e.test_desk import MINUTE, first_link, is_clean, open_page, shows
from tests.wall_server import WallServer

AUTHENTICATOR: Mapping[str, object] = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


async def plug_in(page: Page) -> None:
    """Give the page an authenticator that says yes at once."""
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    await session.send("WebAuthn.addVirtualAuthenticator", {"options": dict(AUTHENTICATOR)})


async def take_another_name(page: Page) -> None:
    await page.get_by_role("button", name="Change name or user name").click()
    await page.get_by_label("Your name").fill("Kim Doe")
    await page.get_by_label("User name or e-mail").fill("kim@council.example")
    await is_clean(page)
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_text("kim@council.example")).to_be_visible()


async def test_account_is_made_signed_in_and_kept_by_a_passkey(browser: Browser, wall_server: WallServer) -> None:
    here = f"http://localhost:{wall_server.port}"
    page = await open_page(browser, first_link(wall_server).replace(wall_server.url, here))
    await plug_in(page)
    await page.get_by_label("Your name").fill("Kim")
    await page.get_by_label("User name or e-mail").fill("kim")
    await is_clean(page)
    await page.get_by_role("button", name="Use a passkey instead").click()
    await shows(page, "Welcome, Kim")

    await page.get_by_role("link", name="Account").click()
    await expect(page.get_by_text("First passkey")).to_be_visible()
    await page.get_by_role("button", name="Remove First passkey").click()
    await page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    await expect(page.get_by_role("alert").filter(has_text="This is the only way into your account.")).to_be_visible()
    await is_clean(page)
    await page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    await page.get_by_role("button", name="Rename First passkey").click()
    await page.get_by_role("dialog").get_by_label("Name").fill("My laptop")
    await page.get_by_role("dialog").get_by_role("button", name="Save").click()
    await expect(page.get_by_text("My laptop")).to_be_visible()
    await expect(page.get_by_role("heading", name="Passkeys")).to_be_focused()
    await page.get_by_role("button", name="Add a passkey").click()
    await expect(page.get_by_label("Name", exact=True)).to_have_value("Chrome on Linux")
    await page.get_by_role("button", name="Add the passkey").click()
    await expect(page.get_by_text("This device has a passkey for your account already.")).to_be_visible()
    await is_clean(page)
    await take_another_name(page)
    await page.get_by_label("New password").fill(PASSWORD)
    await page.get_by_role("button", name="Set a password").click()
    await expect(page.get_by_text("Your new password is set.")).to_be_visible()

    await page.get_by_role("button", name="Sign out", exact=True).click()
    await shows(page, "Sign in to the desk")
    await is_clean(page)
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await shows(page, "Welcome, Kim Doe")

    await page.get_by_role("link", name="Account").click()
    await expect(page.get_by_text("Used just now")).to_be_visible()
    with sqlite3.connect(wall_server.data_dir / "backchannel.db") as db:
        db.execute("UPDATE login_session SET confirmed_at = confirmed_at - ?", (60 * MINUTE,))
    await page.get_by_role("button", name="Remove My laptop").click()
    await page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    confirmation = page.get_by_role("dialog", name="Confirm that it is you")
    await expect(confirmation.get_by_label("Your password")).to_be_focused()
    await is_clean(page)
    await confirmation.get_by_role("button", name="Confirm with a passkey").click()
    await expect(page.get_by_text("You have no passkeys.")).to_be_visible()

    await page.get_by_role("button", name="Sign out", exact=True).click()
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await expect(page.get_by_role("alert").filter(has_text="does not belong to an account here")).to_be_visible()


async def test_address_where_passkeys_cannot_work_says_so(browser: Browser, wall_server: WallServer) -> None:
    page = await open_page(browser, first_link(wall_server))
    await page.get_by_label("Your name").fill("Kim")
    await page.get_by_label("User name or e-mail").fill("kim")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await expect(page.get_by_role("button", name="Use a passkey instead")).to_have_count(0)
    await page.get_by_role("button", name="Create the account").click()
    await page.get_by_role("link", name="Account").click()
    await expect(page.get_by_text("127.0.0.1 is an address.")).to_be_visible()
