"""The renderer and its V8: its pages, and failures that never reach a reader."""

from __future__ import annotations

import asyncio
import json

import pytest

from web.pages.render import NOTHING, Rendered, Renderer

ECHO = "globalThis.renderPage = (_, boot) => JSON.stringify({ head: typeof document, body: JSON.parse(boot).words });"


def boot(words: str) -> bytes:
    return json.dumps({"words": words}, ensure_ascii=False).encode()


async def test_render_hands_over_the_words_as_they_are() -> None:
    renderer = Renderer(ECHO)
    words = "`${1}` \\ \" ' \n \u2028 日本語 \U0001f44b </script>"
    assert await renderer.render("wall", boot(words)) == Rendered("undefined", words)
    renderer.close()


async def test_render_draws_pages_one_after_the_other() -> None:
    renderer = Renderer("let n = 0; globalThis.renderPage = () => JSON.stringify({ body: String(++n) });")
    drawn = await asyncio.gather(*(renderer.render("wall", b"{}") for _ in range(5)))
    assert [page.body for page in drawn] == ["1", "2", "3", "4", "5"]
    renderer.close()


async def test_render_keeps_nothing_of_the_pages_that_it_has_drawn() -> None:
    """Each of these is another page of a megabyte; V8 may have 64 of them."""
    renderer = Renderer(ECHO, memory=64 * 1024 * 1024)
    for n in range(150):
        assert (await renderer.render("wall", boot(f"{n}" * 300_000))).head == "undefined"
    renderer.close()


@pytest.mark.parametrize(
    "program",
    [
        "",
        "not a program",
        "globalThis.renderPage = () => { throw new Error('torn'); };",
        "globalThis.renderPage = () => 7;",
        "globalThis.renderPage = () => undefined;",
        "globalThis.renderPage = () => { for (;;); };",
        "for (;;);",
        "globalThis.renderPage = () => { const all = []; for (;;) all.push(new Array(100000).fill(1.5)); };",
    ],
    ids=["empty", "unreadable", "throws", "number", "nothing", "endless", "endless at the start", "greedy"],
)
async def test_render_gives_nothing_where_the_program_fails(program: str) -> None:
    renderer = Renderer(program, timeout=0.5, memory=64 * 1024 * 1024)
    assert await renderer.render("wall", b"{}") == NOTHING
    renderer.close()


async def test_render_rests_after_a_failure_and_then_starts_anew() -> None:
    program = (
        ECHO
        + "const draw = renderPage;"
        + "renderPage = (page, boot) => draw(page, boot.includes('torn') ? for_ever_undefined : boot);"
    )
    renderer = Renderer(program, pause=0.2)
    assert await renderer.render("wall", boot("torn")) == NOTHING
    assert await renderer.render("wall", boot("fine")) == NOTHING
    await asyncio.sleep(0.25)
    assert (await renderer.render("wall", boot("fine"))).body == "fine"
    renderer.close()
