"""The desk in a browser: one-time links, signing in and out, the team of a wall, sessions and API tokens."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from urllib.request import Request, urlopen

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.accounts import OTHER_PASSWORD, PASSWORD
from tests.e2e.test_accessibility import faults
from tests.e2e.visit import DESK, PHONE
from tests.wall_server import WallServer

KIM = "kim@conference.example"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
NARROWEST = ViewportSize(width=320, height=700)
"""WCAG 2.2, 1.4.10: a page of 1280 pixels at 400 %."""
MINUTE = 60_000_000
"""Microseconds, as the database counts."""


@pytest.fixture(scope="module")
def with_kim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WallServer]:
    """A server with one wall, whose owner and administrator is Kim."""
    server = WallServer(tmp_path_factory.mktemp("desk"))
    server.run("wall", "create", "hall", "--name", "The hall", "--hashtag", "#socitm09")
    server.start()
    try:
        token = first_link(server).partition("#")[2]
        account = {"token": token, "login": KIM, "name": "Kim", "password": PASSWORD}
        body = json.dumps(account).encode()
        urlopen(Request(f"{server.url}/api/setup", body, {"Content-Type": "application/json"})).close()
        server.run("account", "role", KIM, "owner", "--wall", "hall")
        yield server
    finally:
        server.stop()


def first_link(server: WallServer) -> str:
    """A link to the first account, at the address of this server."""
    url: str = json.loads(server.run("account", "link", "--json"))["url"]
    return f"{server.url}/desk{url.partition('/desk')[2]}"


async def open_page(browser: Browser, address: str, user_agent: str | None = None) -> Page:
    """A page of a new visitor."""
    context = await browser.new_context(viewport=DESK, reduced_motion="reduce", user_agent=user_agent)
    page = await context.new_page()
    await page.goto(address)
    return page


async def sign_in(page: Page, login: str = KIM, password: str = PASSWORD) -> None:
    await page.get_by_label("User name or e-mail").fill(login)
    await page.get_by_label("Password", exact=True).fill(password)
    await page.get_by_role("button", name="Sign in").click()


async def shows(page: Page, heading: str) -> None:
    await expect(page.get_by_role("heading", level=1)).to_have_text(heading)


async def is_clean(page: Page) -> None:
    """Assert that axe finds nothing, in light and dark, on a desktop and a phone, and that all fits into 320 pixels."""
    for size, scheme in ((DESK, "light"), (PHONE, "dark")):
        await page.set_viewport_size(size)
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        assert await faults(page) == {}
    await page.set_viewport_size(NARROWEST)
    assert await page.evaluate("document.documentElement.scrollWidth") == NARROWEST["width"]
    await page.set_viewport_size(DESK)


async def test_first_link_leads_to_an_account_that_signs_out_and_in(browser: Browser, wall_server: WallServer) -> None:
    link = first_link(wall_server)
    page = await open_page(browser, link)
    await shows(page, "Set up the desk")
    await expect(page.get_by_label("Your name")).to_be_visible()
    assert page.url == f"{wall_server.url}/desk/setup"
    await page.reload()

    await page.get_by_label("Your name").fill("Kim")
    await page.get_by_label("User name or e-mail").fill(KIM)
    password = page.get_by_label("Password", exact=True)
    await password.fill("kimkimkimkim")
    await page.get_by_role("button", name="Create the account").click()
    await expect(page.get_by_role("alert").filter(has_text="too easy to guess")).to_be_visible()
    await expect(password).to_be_focused()
    await expect(password).to_have_attribute("aria-invalid", "true")
    await is_clean(page)
    await password.fill(PASSWORD)
    await page.get_by_role("button", name="Create the account").click()
    await shows(page, "Welcome, Kim")
    await expect(page.get_by_text("backchannel rehearse")).to_be_visible()
    await is_clean(page)

    await page.get_by_role("link", name="Account").click()
    await expect(page.get_by_role("heading", level=1)).to_be_focused()
    await page.get_by_label("Password now").fill("not the password")
    await page.get_by_label("New password").fill(OTHER_PASSWORD)
    await page.get_by_role("button", name="Change the password").click()
    await expect(page.get_by_label("Password now")).to_be_focused()
    await expect(page.get_by_label("Password now")).to_have_accessible_description(
        "That is not the password of your account."
    )
    await page.get_by_label("Password now").fill(PASSWORD)
    await page.get_by_role("button", name="Change the password").click()
    await expect(page.get_by_text("Your new password is set.")).to_be_visible()
    await is_clean(page)
    await page.get_by_role("button", name="Sign out", exact=True).click()
    await shows(page, "Sign in to the desk")
    wall_server.run("wall", "create", "hall", "--name", "The hall", "--hashtag", "#socitm09")
    await page.goto(f"{wall_server.url}/desk/account")
    await sign_in(page, KIM.upper(), OTHER_PASSWORD)
    await shows(page, "Your account")
    await page.get_by_role("link", name="Walls").click()
    card = page.get_by_role("article")
    await expect(card).to_contain_text("#socitm09")
    await expect(card.get_by_role("link", name="Open the wall The hall")).to_have_attribute("href", "/w/hall")
    await is_clean(page)

    again = await open_page(browser, link)
    await shows(again, "This link has ended")
    await expect(again.get_by_text("backchannel account link", exact=True)).to_be_visible()
    await is_clean(again)


async def test_wrong_password_is_told_at_its_field(browser: Browser, with_kim: WallServer) -> None:
    page = await open_page(browser, f"{with_kim.url}/desk/sign-in?next=//evil.example")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("main")).to_be_focused()
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_label("User name or e-mail")).to_be_focused()
    await sign_in(page, password="not the password")
    password = page.get_by_label("Password", exact=True)
    await expect(password).to_be_focused()
    await expect(password).to_have_accessible_description(re.compile("^User name and password do not belong together"))
    await is_clean(page)
    await expect(password).to_have_attribute("type", "password")
    await page.get_by_role("button", name="Show password").click()
    await expect(password).to_have_attribute("type", "text")
    await sign_in(page)
    await shows(page, "Your walls")
    assert page.url == f"{with_kim.url}/desk"


async def test_invitation_is_accepted_in_another_browser(browser: Browser, with_kim: WallServer) -> None:
    page = await open_page(browser, f"{with_kim.url}/desk/w/hall/team")
    await sign_in(page)
    await shows(page, "Team of The hall")
    await expect(page.get_by_text("The only owner stays")).to_be_visible()
    await page.get_by_role("button", name="Invite to this wall").click()
    await expect(page.get_by_role("radio", name="Moderator")).to_be_focused()
    await page.get_by_role("button", name="Make the link").click()
    link = page.get_by_label("Link for a moderator")
    await expect(link).to_be_focused()
    await is_clean(page)

    guest = await open_page(browser, await link.input_value())
    await shows(guest, "Join The hall")
    assert guest.url == f"{with_kim.url}/desk/invitation"
    await is_clean(guest)
    await guest.get_by_label("Your name").fill("Robin")
    await guest.get_by_label("User name or e-mail").fill(KIM)
    await guest.get_by_label("Password", exact=True).fill(OTHER_PASSWORD)
    await guest.get_by_role("button", name="Create an account and join").click()
    await expect(guest.get_by_label("User name or e-mail")).to_have_accessible_description(re.compile("is taken"))
    await guest.get_by_label("User name or e-mail").fill("robin")
    await guest.get_by_role("button", name="Create an account and join").click()
    await shows(guest, "Your walls")
    await expect(guest.get_by_role("article")).to_contain_text("Moderator")
    await guest.get_by_role("link", name="Team of The hall").click()
    await expect(guest.get_by_role("button", name="Leave the team")).to_be_visible()

    await page.reload()
    await page.get_by_role("button", name="Change role of Robin").click()
    await page.get_by_role("radio", name="Owner").check()
    await is_clean(page)
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status").filter(has_text="Robin is an owner now.")).to_be_visible()
    await expect(page.get_by_role("heading", name="Members")).to_be_focused()
    await page.get_by_role("button", name="Remove Robin").click()
    await page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    await expect(page.get_by_text("The only owner stays")).to_be_visible()
    await expect(page.get_by_role("heading", name="Members")).to_be_focused()
    await guest.reload()
    await shows(guest, "Not your wall")


async def test_invitation_that_was_taken_back_says_whom_to_ask(browser: Browser, with_kim: WallServer) -> None:
    page = await open_page(browser, f"{with_kim.url}/desk/w/hall/team")
    await sign_in(page)
    await page.get_by_role("button", name="Invite to this wall").click()
    await page.get_by_role("button", name="Make the link").click()
    link = await page.get_by_label("Link for a moderator").input_value()
    await page.get_by_role("button", name="Take back the invitation").click()
    await page.get_by_role("dialog").get_by_role("button", name="Take back").click()
    await expect(page.get_by_text("Nobody is invited at present.")).to_be_visible()
    await expect(page.get_by_role("button", name="Invite to this wall")).to_be_focused()
    guest = await open_page(browser, link)
    await shows(guest, "This invitation has ended")
    await expect(guest.get_by_text("Ask the organiser who invited you")).to_be_visible()


async def test_invitation_is_accepted_by_who_is_signed_in(browser: Browser, with_kim: WallServer) -> None:
    with_kim.run("wall", "create", "annex", "--name", "The annex")
    page = await open_page(browser, f"{with_kim.url}/desk/w/annex/team")
    await sign_in(page)
    await expect(page.get_by_text("This wall has no members yet.")).to_be_visible()
    await page.get_by_role("button", name="Invite to this wall").click()
    await page.get_by_role("radio", name="Owner").check()
    await page.get_by_role("button", name="Make the link").click()
    link = await page.get_by_label("Link for an owner").input_value()

    guest = await open_page(browser, link)
    await guest.get_by_role("link", name="Sign in to join with it").click()
    await sign_in(guest)
    await shows(guest, "Join The annex")
    await is_clean(guest)
    await guest.get_by_role("button", name="Join as Kim").click()
    await expect(guest.get_by_text("You have joined The annex.")).to_be_visible()
    await expect(guest.get_by_role("article").filter(has_text="The annex")).to_contain_text("Owner")
    await guest.goto(link)
    await shows(guest, "This invitation has ended")
    with_kim.run("wall", "remove", "annex", "--yes")


async def test_forgotten_password_is_replaced_by_a_link(browser: Browser, with_kim: WallServer) -> None:
    url: str = json.loads(with_kim.run("account", "link", "--for", KIM, "--json"))["url"]
    page = await open_page(browser, f"{with_kim.url}/desk{url.partition('/desk')[2]}")
    await shows(page, "Choose a new password")
    password = page.get_by_label("New password")
    await page.get_by_role("button", name="Save the password").click()
    await expect(password).to_have_accessible_description(re.compile("^Choose a password."))
    await is_clean(page)
    await password.fill(PASSWORD)
    await page.get_by_role("button", name="Save the password").click()
    await expect(page.get_by_text("Your new password is set, and you are signed in.")).to_be_visible()
    await shows(page, "Your walls")


async def test_session_that_is_ended_elsewhere_leads_to_sign_in_and_back(
    browser: Browser, with_kim: WallServer
) -> None:
    there = await open_page(browser, f"{with_kim.url}/desk", FIREFOX)
    await sign_in(there)
    await shows(there, "Your walls")
    page = await open_page(browser, f"{with_kim.url}/desk/account")
    await sign_in(page)
    await page.get_by_role("button", name="Sign out Firefox on Windows").click()
    await is_clean(page)
    await page.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    await expect(page.get_by_text("Signed out: Firefox on Windows.")).to_be_visible()
    await expect(page.get_by_role("heading", name="Where you are signed in")).to_be_focused()
    await expect(page.get_by_role("button", name="Sign out Firefox on Windows")).to_have_count(0)

    await there.get_by_role("link", name="Team of The hall").click()
    await shows(there, "Sign in to the desk")
    await expect(there.get_by_text("Your session has ended.")).to_be_visible()
    await sign_in(there)
    await shows(there, "Team of The hall")


async def test_token_is_shown_once_after_the_password_was_typed_again(browser: Browser, with_kim: WallServer) -> None:
    page = await open_page(browser, f"{with_kim.url}/desk/account")
    await sign_in(page)
    await page.get_by_role("button", name="Make a token").click()
    name = page.get_by_label("Name", exact=True)
    await expect(name).to_be_focused()
    await name.fill("nightly export")
    await is_clean(page)
    with sqlite3.connect(with_kim.data_dir / "backchannel.db") as db:
        db.execute("UPDATE login_session SET confirmed_at = confirmed_at - ?", (60 * MINUTE,))
    await page.get_by_role("button", name="Make the token").click()
    dialog = page.get_by_role("dialog", name="Confirm that it is you")
    password = dialog.get_by_label("Your password")
    await expect(password).to_be_focused()
    await password.fill("not the password")
    await dialog.get_by_role("button", name="Confirm").click()
    await expect(password).to_have_accessible_description("That is not the password of your account.")
    await is_clean(page)
    await password.fill(PASSWORD)
    await dialog.get_by_role("button", name="Confirm").click()
    token = page.get_by_label("Your new token")
    await expect(token).to_be_focused()
    assert (await token.input_value()).startswith("bc_")
    await page.reload()
    await expect(page.get_by_text("nightly export")).to_be_visible()
    await expect(token).to_have_count(0)
    await page.get_by_role("button", name="Revoke nightly export").click()
    await page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    await expect(page.get_by_text("You have no tokens.")).to_be_visible()


async def test_offline_desk_keeps_what_it_shows_and_tries_again(browser: Browser, with_kim: WallServer) -> None:
    page = await open_page(browser, f"{with_kim.url}/desk")
    await sign_in(page)
    await shows(page, "Your walls")
    await page.context.set_offline(True)
    await expect(page.get_by_text("This device is offline.")).to_be_visible()
    await page.get_by_role("link", name="Team of The hall").click()
    await expect(page.get_by_role("alert").filter(has_text="The server does not answer.")).to_have_count(2)
    await is_clean(page)
    await page.context.set_offline(False)
    await page.get_by_role("button", name="Try again").first.click()
    await expect(page.get_by_text("The only owner stays")).to_be_visible()
