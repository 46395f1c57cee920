# ruff: noqa: RUF001 - letters of many scripts are what this is about
"""Broken bytes in one entry of a feed in UTF-8: all other letters stay."""

from __future__ import annotations

import pytest

from connectors.syndication.broken_bytes import mend_bytes
from connectors.syndication.rss_atom import decode

URL = "https://news.example/feed.xml"
BROKEN = {
    "half a pair": (b"A\xed\xa0\xbdB", "A\ufffdB"),
    "other half": (b"A \xed\xb8\x80", "A \ufffd"),
    "pair": (b"A\xed\xa0\xbd\xed\xb8\x80B", "A\U0001f600B"),
    "truncated emoji": (b"A\xf0\x9f\x98", "A\ufffd"),
    "truncated quotation mark": (b"A \xe2\x80", "A \ufffd"),
    "truncated letter": (b"Caf\xc3...", "Caf\ufffd..."),
    "junk": (b"A\xff\xfe\x80\x81\x99B", "A\ufffdB"),
    "overlong NUL": (b"A \xc0\x80 B", "A \ufffd B"),
    "much junk": (b"A" + b"\xff\x80" * 500 + b"B", "A\ufffdB"),
    "letters": ("AéèàüB".encode("cp1252"), "AéèàüB"),
    "sentence": ("L’été – là où “ça” coûte 5 € à Évian…".encode("cp1252"), "L’été – là où “ça” coûte 5 € à Évian…"),
    "capitals": ("SÃO PAULO, ÜBER".encode("cp1252"), "SÃO PAULO, ÜBER"),
}
OTHERS = {
    "accents": ["Café", "naïve"],
    "one accent": ["Café", "plain"],
    "signs": ["It’s – so", "plain"],
    "Greek": ["Αθήνα και", "plain"],
    "Chinese": ["今天开幕", "公共服务"],
}


@pytest.mark.parametrize("content_type", ["text/xml", "application/rss+xml; charset=utf-8"])
@pytest.mark.parametrize("declared", ["<?xml version='1.0' encoding='utf-8'?>", "<?xml version='1.0'?>", ""])
@pytest.mark.parametrize("others", OTHERS)
@pytest.mark.parametrize("kind", BROKEN)
def test_broken_bytes_change_no_other_title(kind: str, others: str, declared: str, content_type: str) -> None:
    broken, mended = BROKEN[kind]
    items = "".join(f"<item><title>{title}</title></item>" for title in ["XX", *OTHERS[others]])
    body = f"{declared}<rss version='2.0'><channel>{items}</channel></rss>".encode().replace(b"XX", broken)
    feed = decode(body, URL, content_type)
    assert feed is not None
    assert [entry.title for entry in feed.entries] == [mended, *OTHERS[others]]


@pytest.mark.parametrize("declared", ["windows-1252", "iso-8859-1", "us-ascii", "windows-1251"])
def test_feed_that_is_mostly_utf_8_is_whatever_it_declares(declared: str) -> None:
    items = "".join(f"<item><title>{title}</title></item>" for title in ["Café", "naïve", "déjà", "Straße", "XX"])
    body = f"<?xml version='1.0' encoding='{declared}'?><rss version='2.0'><channel>{items}</channel></rss>".encode()
    feed = decode(body.replace(b"XX", b"A\xf0\x9f\x98"), URL)
    assert feed is not None
    assert [entry.title for entry in feed.entries] == ["Café", "naïve", "déjà", "Straße", "A\ufffd"]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("« ARRÊTÉ\xa0» : l’été à Genève, où ça\xa0?", "windows-1252"),
        ("« La qualité\xa0» est là\xa0», équilibré\xa0» : l’École, où ça ?", "windows-1252"),
        ("« ARRÊTÉ » À L’ÉTÉ : AMANHÃ” E AMANHÃ…", "windows-1252"),
        ("Úžasný koncert v Brně, nový ředitel, pátý týden", "cp1250"),
        ("Úžasný koncert v Brně, nový ředitel, pátý týden", "iso-8859-2"),
        ("Îşi caută şcoala; Óśka, Íš, Ďž", "cp1250"),
        ("Nový plášť pro ředitele, zvlášť pěkný; přišel Ďž", "cp1250"),
        ("«Nescafé®» À Paris, santé¹², É™ Ü®", "windows-1252"),
        ("ﾒｰ ﾙ", "shift_jis"),
        ("её всё, ещё Пётр и щётка", "koi8-r"),
        ("你 好 们 的 人 在 中国 北京", "gb18030"),
        ("カ タ ナ 東京 会議", "shift_jis"),
    ],
)
def test_text_of_another_encoding_stays_as_it_is(text: str, encoding: str) -> None:
    assert mend_bytes(text.encode(encoding), declares_utf8=True) == text.encode(encoding)


def test_broken_bytes_change_no_sign_that_stands_alone() -> None:
    """Nor a key: it may be a link with such a sign."""
    for sign in "✅✓★✨❤♥⚠▶☕♫⭐😀":
        text = f"{sign} Doors open; https://news.example/{sign}; ".encode()
        assert mend_bytes(text + b"Caf\xe9", declares_utf8=True) == text + "Café".encode()


@pytest.mark.parametrize("sign", [*"πΩёйЯ中月한カ■□３"])
@pytest.mark.parametrize("text", ["{} = 3", "3{}5", "({})"])
def test_one_letter_alone_shows_a_feed_in_utf_8(sign: str, text: str) -> None:
    """As many of them as there are broken bytes: no word of a Western or Central European language is like that."""
    written = text.format(sign)
    assert mend_bytes(f"{written}; Caf".encode() + b"\xe9", declares_utf8=True) == f"{written}; Café".encode()
    two = f"{written}; Caf".encode() + b"\xe9, th\xe9"
    assert mend_bytes(two, declares_utf8=True) == two


@pytest.mark.parametrize("word", ["iPhone版", "3ш"])
def test_bytes_without_a_letter_elsewhere_show_a_feed_in_utf_8(word: str) -> None:
    assert mend_bytes(f"{word}; Caf".encode() + b"\xe9", declares_utf8=True) == f"{word}; Café".encode()
