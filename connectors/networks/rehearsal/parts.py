"""Parts of a Post that follow from the archive alone: people, pictures, link cards, emoji and mentions."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, unquote

from connectors.contract import Attachment, LinkCard, Mention, Person
from connectors.errors import NotFound
from connectors.networks.rehearsal.archive import Archive
from connectors.networks.rehearsal.entities import Card, Picture
from connectors.networks.rehearsal.text import handles, short_codes

SCHEME = "rehearsal:"


class Parts:
    """The parts of one archive's posts."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._by_handle = {author.handle: author for author in archive.people.values()}

    def person(self, name: str) -> Person:
        author = self._archive.people[name]
        return Person(
            name=author.name,
            handle=author.handle,
            url=author.url,
            avatar=self.picture_url(author.avatar),
            bot=author.bot,
        )

    def picture_url(self, file: str) -> str:
        """A URL that `picture_source` reads; empty if the archive does not have the picture."""
        if file not in self._archive.files:
            return ""
        return f"{SCHEME}{self._archive.name}/{quote(file)}"

    def attachment(self, picture: Picture) -> Attachment | None:
        still = self.picture_url(picture.file)
        if not (still or picture.url):
            return None
        return Attachment(
            kind=picture.kind,
            url=picture.url or still,
            preview=still,
            alt=picture.alt,
            width=picture.width,
            height=picture.height,
            focus=picture.focus,
        )

    def card(self, card: Card | None) -> LinkCard | None:
        if card is None:
            return None
        return LinkCard(
            url=card.url,
            title=card.title,
            site=card.site,
            description=card.description,
            picture=self.picture_url(card.picture),
        )

    def emojis(self, text: str) -> dict[str, str]:
        named = self._archive.header.emojis
        found = {code: self.picture_url(named[code]) for code in short_codes(text) if code in named}
        return {code: url for code, url in found.items() if url}

    def mentions(self, words: str) -> Iterator[Mention]:
        for handle in handles(words):
            if author := self._by_handle.get(handle):
                yield Mention(handle=handle, url=author.url)


def picture_source(url: str) -> tuple[str, str]:
    """The archive's name and the file behind a picture's URL. Raises NotFound for an unknown URL."""
    name, slash, file = url.removeprefix(SCHEME).partition("/")
    if not (url.startswith(SCHEME) and slash):
        raise NotFound(f"Picture not found: “{url}” is not a picture of an archive.")
    return name, unquote(file)
