"""The parts of web feeds, one by one: pages that name a feed, pictures, authors, and hidden structures."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract import Attachment
from connectors.errors import InvalidResponse
from connectors.networks.feeds.discovery import discover
from connectors.syndication import json_feed, rss_atom
from connectors.syndication.attachments import attachments
from connectors.syndication.entities import Enclosure, Entry, Words, Writer, pixels
from connectors.syndication.limits import sanitise_input

URL = "https://harbour.example/news/feed.xml"


def offer(href: str, kind: str = "application/rss+xml", title: str = "", rel: str = "alternate") -> str:
    return f'<link rel="{rel}" type="{kind}" title="{title}" href="{href}">'


@pytest.mark.parametrize(
    ("page", "there"),
    [
        (offer("/rss"), "https://harbour.example/rss"),
        (offer("rss"), "https://harbour.example/news/rss"),
        ("<base href='/blog/'><base href='/late/'>" + offer("rss"), "https://harbour.example/blog/rss"),
        (offer("/a", "application/atom+xml; charset=utf-8", rel="ALTERNATE feed"), "https://harbour.example/a"),
        (offer("/j", "application/feed+json"), "https://harbour.example/j"),
        (offer("/c", title="Comments") + offer("/n", title="News"), "https://harbour.example/n"),
        (offer("/comments/feed") + offer("/feed"), "https://harbour.example/feed"),
        (offer("/c", title="Comments"), "https://harbour.example/c"),
        (offer("http://[") + offer("javascript:x") + offer("/ok"), "https://harbour.example/ok"),
        (offer("/api", "text/json") + offer("/style", rel="stylesheet") + offer(""), ""),
        ("<a href='/rss' type='application/rss+xml' rel='alternate'>", ""),
        ("", ""),
    ],
)
def test_page_names_its_feed(page: str, there: str) -> None:
    assert "".join(discover(page, URL)[:1]) == there


def test_page_names_four_feeds_at_most_and_each_once() -> None:
    page = offer("/c", title="Comments") + offer("/j", "application/json") + offer("/1") * 2 + offer("/2")
    names = ("1", "2", "j", "c")
    assert discover(page, URL) == tuple(f"https://harbour.example/{name}" for name in names)
    assert len(discover(page + offer("/3"), URL)) == 4


def image(url: str, **more: Any) -> Attachment:
    return Attachment(kind="image", url=url, preview=url, **more)


@pytest.mark.parametrize(
    ("enclosure", "kind"),
    [
        (Enclosure("https://a.example/x", type="image/png"), "image"),
        (Enclosure("https://a.example/x", type="IMAGE/JPEG"), "image"),
        (Enclosure("https://a.example/x", medium="video"), "video"),
        (Enclosure("https://a.example/x.MP3?y=1"), "audio"),
        (Enclosure("https://a.example/x.webm", type="application/octet-stream"), "video"),
        (Enclosure("https://a.example/x.png", type="application/x-shockwave-flash"), None),
        (Enclosure("https://a.example/x.svg", type="image/svg+xml"), None),
        (Enclosure("https://a.example/x.svg"), None),
        (Enclosure("https://a.example/x", type="text/html"), None),
        (Enclosure("ftp://a.example/x.png", type="image/png"), None),
        (Enclosure("http://[", type="image/png"), None),
        (Enclosure("http://[x.png"), None),
        (Enclosure("", type="image/png"), None),
    ],
)
def test_enclosure_is_what_it_says_or_is_called(enclosure: Enclosure, kind: str | None) -> None:
    assert [found.kind for found in attachments(Entry(enclosures=(enclosure,)), URL)] == ([kind] if kind else [])


def test_widest_of_one_picture_stays_with_the_best_words() -> None:
    said = Entry(
        enclosures=(
            Enclosure("/q.jpg?width=100&v=1", type="image/jpeg", alt="Quay", width=100),
            Enclosure("/q.jpg?width=700&v=1", type="image/jpeg", width=700),
            Enclosure("/q.jpg?width=300&v=1", type="image/jpeg", width=300),
            Enclosure("/q.jpg?width=300&v=2", type="image/jpeg", width=300),
        )
    )
    assert attachments(said, URL) == (
        image("https://harbour.example/q.jpg?width=700&v=1", alt="Quay", width=700),
        image("https://harbour.example/q.jpg?width=300&v=2", width=300),
    )


def test_four_attachments_are_enough() -> None:
    said = Entry(enclosures=tuple(Enclosure(f"/{number}.png") for number in range(9)))
    assert [found.url[-5:] for found in attachments(said, URL)] == ["0.png", "1.png", "2.png", "3.png"]


def test_pictures_in_the_text_stand_in_but_counters_and_smileys_do_not() -> None:
    html = (
        '<img src="/count.gif" width="1" height="1"><img src="/smile.png" height="16px"><img alt="no source">'
        '<img src="data:image/png;base64,AA"><p>Words<img src="a.jpg" alt=" A \n crane " width="90%">'
        + "".join(f'<img src="/{number}.jpg">' for number in range(9))
    )
    base = "https://other.example/x/"
    expected = (
        image("https://other.example/x/a.jpg", alt="A crane"),
        *(image(f"https://other.example/{number}.jpg") for number in range(3)),
    )
    assert attachments(Entry(content=Words(html, base)), URL) == expected
    assert attachments(Entry(summary=Words(html, base)), URL) == expected
    assert attachments(Entry(thumbnail="/t.png", content=Words(html, base)), URL) == (
        image("https://harbour.example/t.png"),
    )


def test_sound_takes_its_picture_from_the_text() -> None:
    said = Entry(enclosures=(Enclosure("/a.mp3"),), content=Words('<img src="/b.png">', URL))
    assert [found.kind for found in attachments(said, URL)] == ["audio", "image"]


@pytest.mark.parametrize(
    ("said", "size"), [("640", 640), (" 64px ", 64), ("100%", 0), ("-3", 0), ("١٢", 0), ("9" * 9, 0), (None, 0), (7, 7)]
)
def test_pixels_are_small_whole_numbers(said: object, size: int) -> None:
    assert pixels(said) == size


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("ada@harbour.example (Ada Quay)", "Ada Quay"),
        ("Ada Quay &lt;ada@harbour.example&gt;", "Ada Quay"),
        ("ada@harbour.example", ""),
        ("ada@harbour.community ()", ""),
        ("Ada Quay", "Ada Quay"),
        ("&lt;b&gt;Ada&lt;/b&gt; Quay", "Ada Quay"),
    ],
)
def test_writers_are_names_and_never_mail_addresses(said: str, name: str) -> None:
    feed = rss_atom.decode(f"<rss version='2.0'><item><author>{said}</author></item></rss>".encode(), URL)
    assert feed is not None
    assert feed.entries[0].author == Writer(name=name)


def test_atom_writer_keeps_name_and_page_and_loses_the_mail_address() -> None:
    author = "<author><name>Jo</name><uri>https://jo.example/</uri><email>jo@jo.example</email></author>"
    feed = rss_atom.decode(f"<feed xmlns='http://www.w3.org/2005/Atom'><entry>{author}</entry></feed>".encode(), URL)
    assert feed is not None
    assert feed.entries[0].author == Writer(name="Jo", url="https://jo.example/")


@pytest.mark.parametrize(
    "body",
    [
        b"<!doctype html><html><item>menu</item>",
        b"<?xml version='1.0'?>\n<html xmlns='http://www.w3.org/1999/xhtml'><channel >",
        b"<svg><feed-back/></svg>",
        b"just words",
        b"<p><channel ></p>",
        b"\x89PNG\r\n\x1a\n",
    ],
)
def test_what_is_no_feed_is_none(body: bytes) -> None:
    assert rss_atom.decode(body, URL) is None


def test_small_entities_are_kept_and_those_that_grow_are_not() -> None:
    kept, dropped = b'<!ENTITY auml "&#228;">', b'<!ENTITY a "&auml;&auml;">'
    assert sanitise_input(b"<!DOCTYPE r [" + kept + dropped + b"]><rss/>").data.partition(b"?>\n")[2] == (
        b"<!DOCTYPE r [" + kept + b"]><rss/>"
    )


def test_words_without_tags_break_lines_and_link_addresses() -> None:
    text = "One\n\nTwo https://a.example/\nThree\n      wrapped &amp;amp; done"
    feed = rss_atom.decode(f"<rss version='2.0'><item><description>{text}</description></item></rss>".encode(), URL)
    assert feed is not None
    link = '<a href="https://a.example/" target="_blank" rel="nofollow noopener noreferrer ugc">https://a.example/</a>'
    assert feed.entries[0].summary.html == f"<p>One</p><p>Two {link}<br>Three wrapped &amp; done</p>"


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16", "utf-8"])
def test_json_is_read_in_its_encoding(mark: str) -> None:
    body = ' {"version":"https://jsonfeed.org/version/1","title":"Ærø","items":[]}'.encode(mark)
    assert json_feed.looks_like_json(body)
    assert json_feed.decode(body, URL).title == "Ærø"


@pytest.mark.parametrize("around", ["{}\n<!-- page cached -->", "{}\0", "\n" * 70 + "{}", ")]}}'\n{}", "<!-- a --> {}"])
def test_json_feed_is_read_whatever_stands_around_it(around: str) -> None:
    feed = '{"version": "https://jsonfeed.org/version/1", "items": [{"id": "1", "content_text": "One",},],}'
    body = around.format(feed).encode()
    assert json_feed.looks_like_json(body)
    assert [entry.id for entry in json_feed.decode(body, URL).entries] == ["1"]


@pytest.mark.parametrize("body", [b"[]", b"3", b'{"items":{}}', b"{", b'{"items":' + b"[" * 100_000])
def test_json_that_is_no_feed_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidResponse):
        json_feed.decode(body, URL)


@pytest.mark.parametrize(
    "said", ["2026-06-18", "2026-06-18T10:00:00", "2026-06-18T10:00:00Z", "2026-06-18T12:00+02:00"]
)
def test_json_dates_are_read_generously(said: str) -> None:
    body = f'{{"items":[{{"date_published":"{said}"}}]}}'.encode()
    found = json_feed.decode(body, URL).entries[0].published
    assert found is not None
    assert found.isoformat() == ("2026-06-18T00:00:00+00:00" if len(said) == 10 else "2026-06-18T10:00:00+00:00")


@pytest.mark.parametrize("said", ["soon", "", "0001-01-01T00:00:00+14:00", "2026-13-01"])
def test_json_dates_that_are_none_are_none(said: str) -> None:
    assert json_feed.decode(f'{{"items":[{{"date_published":"{said}"}}]}}'.encode(), URL).entries[0].published is None


@pytest.mark.parametrize(
    ("said", "html"),
    [
        ("5 &lt; 6\nline two", "<p>5 &lt; 6<br>line two</p>"),
        ("a &lt;- b\nc &lt;3", "<p>a &lt;- b<br>c &lt;3</p>"),
        ("<![CDATA[5 < 6 &amp; 7\nline two]]>", "<p>5 &lt; 6 &amp; 7<br>line two</p>"),
        ("5 &amp;lt; &lt;b&gt;6&lt;/b&gt;", "5 &lt; <b>6</b>"),
        ("cut &lt;a href=", "cut <a href="),
    ],
)
def test_sign_for_less_makes_no_html(said: str, html: str) -> None:
    feed = rss_atom.decode(f"<rss version='2.0'><item><description>{said}</description></item></rss>".encode(), URL)
    assert feed is not None
    assert feed.entries[0].summary.html == html
