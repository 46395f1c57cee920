# ruff: noqa: RUF001 - letters of many scripts are what this is about
"""Feeds that declare UTF-8 and are something else, as old publishing systems all over the world still send them."""

from __future__ import annotations

import pytest

from connectors.networks.feeds.rss_atom import decode

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
