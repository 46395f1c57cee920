"""Captions belong to their pictures, and content other than text is not part of an entry's."""

from __future__ import annotations

import pytest

from connectors.contract import Post
from connectors.syndication.limits import sanitise_input
from connectors.text.html import plain
from tests.connectors.networks.feeds.test_connector import poll, reply

RSS = "<rss version='2.0' xmlns:{0}='http://search.yahoo.com/mrss/'><channel><item>{1}</item></channel></rss>"
ATOM = "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:{0}='http://search.yahoo.com/mrss/'><entry>{1}</entry></feed>"
WORDS = ("<description>The words</description>", "<summary>The words</summary>", "<content>The words</content>")
PICTURE = "<m:content url='https://b.example/a.jpg' medium='image'/>"


async def post(document: str, entry: str, prefix: str = "media") -> Post:
    (found,) = (await poll(reply(document.format(prefix, entry.replace("m:", f"{prefix}:"))))).posts
    return found


def test_captions_belong_to_their_picture() -> None:
    body = (
        b'<item><media:content url="1"><media:description>One &amp; "only"</media:description></media:content>'
        b'<media:content url="2"/><media:description>of the entry</media:description>'
        b'<media:content url="3"><media:description><![CDATA[<three> & "more"]]></media:description></media:content>'
        b'<media:content url="4"><media:description/></media:content>'
        b'<media:content url="5"></media:content><media:description>of the entry too</media:description></item>'
    )
    assert sanitise_input(body).data.partition(b"?>\n")[2] == (
        b'<item><media:content url="1" alt="One &amp; &quot;only&quot;"></media:content>'
        b'<media:content url="2"/><media:description>of the entry</media:description>'
        b'<media:content url="3" alt="&lt;three&gt; &amp; &quot;more&quot;"></media:content>'
        b'<media:content url="4"><media:description/></media:content>'
        b'<media:content url="5"></media:content><media:description>of the entry too</media:description></item>'
    )


@pytest.mark.parametrize("prefix", ["media", "m", "x-media"])
@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize(
    "picture",
    [
        "<m:content url='https://b.example/a.jpg' medium='image'><m:description>A crane</m:description></m:content>",
        f"<m:group>{PICTURE}<m:description>A crane</m:description></m:group>",
        f"<m:group><m:description>A crane</m:description>{PICTURE}</m:group>",
        f"{PICTURE}<m:description type='plain'><![CDATA[A crane]]></m:description>",
        f"<m:description>A crane</m:description>{PICTURE}",
    ],
)
async def test_caption_never_takes_the_place_of_words(picture: str, words: str, prefix: str) -> None:
    document = RSS if words.startswith("<desc") else ATOM
    for entry in (words + picture, picture + words):
        found = await post(document, f"<title>A title</title>{entry}", prefix)
        assert (found.title, plain(found.html)) == ("A title", "The words")
        assert [media.alt for media in found.media] == ["A crane"]


@pytest.mark.parametrize(
    "words", ["", "<description/>", "<description> </description>", "<summary><![CDATA[]]></summary>"]
)
@pytest.mark.parametrize("document", [RSS, ATOM])
async def test_words_of_an_entry_that_has_no_others_stay(document: str, words: str) -> None:
    entry = f"<title>A film</title>{words}<m:group>{PICTURE}<m:description>About it</m:description></m:group>"
    assert plain((await post(document, entry)).html) == "About it"


async def test_picture_with_a_title_gives_it_to_no_entry() -> None:
    picture = "<m:content url='https://b.example/a.jpg' medium='image'><m:title>IMG_1234</m:title></m:content>"
    assert (await post(RSS, WORDS[0] + picture)).title == ""


async def test_bare_caption_among_several_pictures_is_none_of_them() -> None:
    two = PICTURE + PICTURE.replace("a.jpg", "b.jpg")
    found = await post(RSS, f"{WORDS[0]}{two}<m:description>Which?</m:description>")
    assert ([media.alt for media in found.media], plain(found.html)) == (["", ""], "The words")


NESTED = "<entry xmlns='http://www.w3.org/2005/Atom'><id>n</id><title>Nested</title><content>x</content></entry>"


@pytest.mark.parametrize(
    "kind", ["application/xml", "application/atom+xml", "text/xml", "Application/XML; charset=utf-8"]
)
@pytest.mark.parametrize("prefix", ["", "a:", "x-a:"])
async def test_entry_inside_content_is_no_entry(prefix: str, kind: str) -> None:
    bound = f"xmlns{':' + prefix[:-1] if prefix else ''}='http://www.w3.org/2005/Atom'"
    one = (
        f"<p:entry><p:id>1</p:id><p:title>One</p:title><p:content type='{kind}'>{NESTED}{NESTED}</p:content></p:entry>"
    )
    two = "<p:entry><p:id>2</p:id><p:title>Two</p:title><p:content type='html'>Words</p:content></p:entry>"
    body = f"<p:feed {bound}><p:title>F</p:title>{one}{two}</p:feed>".replace("<p:", f"<{prefix}").replace(
        "</p:", f"</{prefix}"
    )
    page = await poll(reply(body))
    assert sorted((post.title, plain(post.html)) for post in page.posts) == [("One", ""), ("Two", "Words")]
    assert page.broken == ()


@pytest.mark.parametrize("kind", ["image/png", "application/pdf", "audio/mpeg"])
async def test_bytes_in_content_are_no_words(kind: str) -> None:
    content = f"<content type='{kind}'>iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAf</content>"
    found = await post(ATOM, f"<title>A picture</title><summary>The words</summary>{content}")
    assert (found.title, plain(found.html)) == ("A picture", "The words")


@pytest.mark.parametrize("kind", ["text", "html", "text/html", "text/plain", "application/xhtml+xml"])
async def test_words_in_content_stay(kind: str) -> None:
    assert plain((await post(ATOM, f"<content type='{kind}'>The words</content>")).html) == "The words"
