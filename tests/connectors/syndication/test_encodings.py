# ruff: noqa: RUF001 - letters of many scripts are what this is about
"""Feeds that wrongly declare UTF-8, as old publishing systems still send them."""

from __future__ import annotations

import pytest

from connectors.syndication.rss_atom import decode

URL = "https://news.example/feed.xml"
TOLD = {
    "big5": "台北國際會議今天開幕，來自世界各地的與會者討論公共服務的未來。",
    "euc-kr": "서울 국제 회의가 오늘 개막했습니다. 참가자들은 공공 서비스의 미래에 대해 토론합니다.",
    "shift_jis": "東京で国際会議が今日開幕しました。参加者は公共サービスの未来について議論します。",
    "euc-jp": "東京で国際会議が今日開幕しました。参加者は公共サービスの未来について議論します。",
    "gb18030": "北京国际会议今天开幕，来自世界各地的与会者讨论公共服务的未来。",
    "windows-1251": "Сегодня в Москве открылась международная конференция о будущем государственных услуг.",
    "koi8-r": "Сегодня в Москве открылась международная конференция о будущем государственных услуг.",
    "windows-1252": "La conférence s’ouvre à Genève : les élèves et les années à venir – déjà très suivie.",
    "windows-1253": "Το διεθνές συνέδριο ξεκινά σήμερα στην Αθήνα με θέμα το μέλλον των δημόσιων υπηρεσιών.",
    "windows-1256": "يفتتح المؤتمر الدولي اليوم في القاهرة لمناقشة مستقبل الخدمات العامة.",
}


@pytest.mark.parametrize("content_type", ["application/rss+xml; charset=utf-8", "text/xml", ""])
@pytest.mark.parametrize("encoding", TOLD)
def test_feed_in_another_encoding_than_it_declares_is_read(encoding: str, content_type: str) -> None:
    items = "".join(f"<item><title>{TOLD[encoding]}</title><guid>{number}</guid></item>" for number in range(3))
    document = f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel>{items}</channel></rss>"
    feed = decode(document.encode(encoding), URL, content_type)
    assert feed is not None
    assert [entry.title for entry in feed.entries] == [TOLD[encoding]] * 3


@pytest.mark.parametrize("encoding", TOLD)
def test_what_is_declared_is_believed_where_it_can_be_read_so(encoding: str) -> None:
    document = f"<?xml version='1.0' encoding='{encoding}'?><rss version='2.0'><channel><item><title>{TOLD[encoding]}"
    feed = decode(f"{document}</title></item></channel></rss>".encode(encoding), URL)
    assert feed is not None
    assert [entry.title for entry in feed.entries] == [TOLD[encoding]]


@pytest.mark.parametrize("content_type", ["", "text/xml", "application/xml", "application/xml; charset=utf-16"])
@pytest.mark.parametrize("declared", ["utf-16", "UTF-16LE", "ucs-2", "iso-10646-ucs-2", "utf-32"])
@pytest.mark.parametrize("title", ["Größe und Übermaß", "Plain words", "Plain words.", "Ærø, Łódź, Αθήνα"])
def test_feed_without_a_nul_is_not_wide_whatever_it_declares(title: str, declared: str, content_type: str) -> None:
    document = f"<?xml version='1.0' encoding='{declared}'?><rss version='2.0'><channel><item><title>{title}"
    feed = decode(f"{document}</title></item></channel></rss>".encode(), URL, content_type)
    assert feed is not None
    assert [entry.title for entry in feed.entries] == [title]


@pytest.mark.parametrize("declared", ["utf-16", "windows-1252", "utf-8", ""])
def test_broken_byte_costs_itself_alone(declared: str) -> None:
    head = f"<?xml version='1.0' encoding='{declared}'?>" if declared else ""
    body = f"{head}<rss version='2.0'><channel><item><title>Größe, Übermaß, Ærø, Łódź, Αθήνα, X".encode()
    feed = decode(body[:-1] + b"\xff</title></item></channel></rss>", URL)
    assert feed is not None
    if declared != "windows-1252":  # where that may be meant after all
        assert feed.entries[0].title == "Größe, Übermaß, Ærø, Łódź, Αθήνα, \ufffd"


@pytest.mark.parametrize("charset", ["windows-1251", "iso-8859-1", "windows-1252", "us-ascii", "koi8-r"])
@pytest.mark.parametrize("declared", ["utf-8", "windows-1251", ""])
def test_valid_utf_8_is_utf_8_whatever_a_server_says(declared: str, charset: str) -> None:
    head = f"<?xml version='1.0' encoding='{declared}'?>" if declared else ""
    body = f"{head}<rss version='2.0'><channel><item><title>Сегодня открылась</title></item></channel></rss>"
    feed = decode(body.encode(), URL, f"text/xml; charset={charset}")
    assert feed is not None
    assert [entry.title for entry in feed.entries] == ["Сегодня открылась"]


@pytest.mark.parametrize("content_type", ["", "text/xml", "text/xml; charset=cp1252", "text/xml; charset=windows-1252"])
def test_capital_before_a_sign_is_no_letter_of_utf_8(content_type: str) -> None:
    title = "AMANHÃ” disse a MÃE “AMANHÔ"
    body = f"<rss version='2.0'><channel><item><title>{title}</title></item></channel></rss>".encode("cp1252")
    feed = decode(body, URL, content_type)
    assert feed is not None
    assert [entry.title for entry in feed.entries] == [title]


def test_charset_of_a_server_is_a_declaration() -> None:
    body = "<rss version='2.0'><channel><item><title>Ã© é è à</title></item></channel></rss>".encode("cp1252")
    feed = decode(body, URL, "text/xml; charset=cp1252")
    assert feed is not None
    assert [entry.title for entry in feed.entries] == ["Ã© é è à"]
