"""Reading an archive: each line is decoded and validated by itself, in the order of its time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import msgspec

from connectors.errors import InvalidResponse, NotFound
from connectors.networks.rehearsal.archive import BUILT_IN, FILE, IMAGES, LARGEST, Archive, built_in
from connectors.networks.rehearsal.entities import (
    AnyEvent,
    BoostEvent,
    DeleteEvent,
    EditEvent,
    Header,
    PersonRow,
    PostEvent,
    Question,
    VoteEvent,
)

_MISTAKES = {
    re.compile(r"unknown field `([^`]+)`"): "unknown field `{}`",
    re.compile(r"missing required field `([^`]+)`"): "missing field `{}`",
    re.compile(r" at `\$\.([^`]+)`"): "invalid value of `{}`",
}
"""Our words by those of msgspec."""
_lines = msgspec.json.Decoder(PersonRow | AnyEvent)
_header = msgspec.json.Decoder(Header)


def open_archive(value: str) -> Archive:
    """The archive of that built-in name, in that file or folder. Raises NotFound or InvalidResponse."""
    path = BUILT_IN / value if value in built_in() else Path(value).expanduser()
    script = path / FILE if path.is_dir() else path
    if not script.is_file():
        names = ", ".join(f"“{name}”" for name in built_in())
        raise NotFound(f"Archive not found at “{value}”: give a .jsonl file, a folder with {FILE} in it, or {names}.")
    found = script.stat()
    if found.st_size > LARGEST:
        raise InvalidResponse(f"Archive too large: “{value}” is larger than {LARGEST // 1024**2} MB.")
    return _read(value, script.resolve(), found.st_mtime_ns)


@lru_cache(maxsize=8)
def _read(value: str, script: Path, _changed: int) -> Archive:
    lines = [(number, line) for number, line in enumerate(script.read_bytes().splitlines(), 1) if line.strip()]
    try:
        header = _header.decode(lines[0][1] if lines else b"")
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InvalidResponse(f"Invalid archive header in “{value}”: {_misread(error)}.") from error
    return _Reading(script.parent).read(value, header, lines[1:])


class _Reading:
    """One pass over an archive: its valid lines, and a sentence for each invalid one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: set[str] = set()
        self.broken: list[tuple[int, str]] = []
        self.people: dict[str, PersonRow] = {}
        self.trail: dict[str, list[int]] = {}
        self.quoted_by: dict[str, list[str]] = {}
        self.acts: list[AnyEvent] = []

    def read(self, value: str, header: Header, lines: Iterable[tuple[int, bytes]]) -> Archive:
        self.keep_files(1, header.emojis.values())
        for number, act in sorted(self.decode(lines), key=lambda numbered: numbered[1].t):
            if mistake := self.mistake(act):
                self.broken.append((number, mistake))
                continue
            self.keep_files(number, _files(act))
            self.trail.setdefault(act.id, []).append(len(self.acts))
            self.acts.append(act)
            if isinstance(act, PostEvent) and act.quote:
                self.quoted_by.setdefault(act.quote, []).append(act.id)
        if not any(isinstance(act, PostEvent) for act in self.acts):
            raise InvalidResponse(f"Empty archive: “{value}” has no readable post.")
        return Archive(
            value=value,
            folder=self.folder,
            header=header,
            people=self.people,
            acts=tuple(self.acts),
            trail={post: tuple(acts) for post, acts in self.trail.items()},
            quoted_by={post: tuple(others) for post, others in self.quoted_by.items()},
            files=frozenset(self.files),
            broken=tuple(f"Line {number}: {what}." for number, what in sorted(self.broken)),
        )

    def decode(self, lines: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, AnyEvent]]:
        for number, line in lines:
            try:
                read = _lines.decode(line)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                self.broken.append((number, _misread(error)))
                continue
            if not isinstance(read, PersonRow):
                yield number, read
            elif read.id in self.people:
                self.broken.append((number, f"duplicate person “{read.id}”"))
            else:
                self.people[read.id] = read
                self.keep_files(number, [read.avatar])

    def mistake(self, act: AnyEvent) -> str:
        """The fault of this act after all acts before it; empty if there is none."""
        if isinstance(act, PostEvent | BoostEvent) and act.by not in self.people:
            return f"unknown person “{act.by}”"
        if isinstance(act, PostEvent):
            return self.said_mistake(act)
        if act.id not in self.trail:
            return f"unknown post “{act.id}” at this time"
        trail = self.trail[act.id]
        if isinstance(self.acts[trail[-1]], DeleteEvent):
            return f"deleted post “{act.id}” at this time"
        said = self.acts[trail[0]]
        if isinstance(act, VoteEvent) and isinstance(said, PostEvent):
            return _votes_mistake(said.poll, act.votes)
        return ""

    def said_mistake(self, act: PostEvent) -> str:
        if act.id in self.trail:
            return f"duplicate post “{act.id}”"
        for other in filter(None, (act.reply_to, act.quote)):
            if other not in self.trail:
                return f"unknown post “{other}” at this time"
        return _votes_mistake(act.poll, act.poll.votes) if act.poll and act.poll.votes else ""

    def keep_files(self, number: int, files: Iterable[str]) -> None:
        for file in filter(None, files):
            path = (self.folder / file).resolve()
            if path.is_relative_to(self.folder) and path.suffix.lower() in IMAGES and path.is_file():
                self.files.add(file)
            else:
                self.broken.append((number, f"missing picture “{file}” beside the archive"))


def _misread(error: Exception) -> str:
    """The fault of an unreadable line, in our own words."""
    if not isinstance(error, msgspec.ValidationError):
        return "invalid JSON or not UTF-8"
    for pattern, sentence in _MISTAKES.items():
        if found := pattern.search(str(error)):
            return sentence.format(found[1])
    return "unknown kind of line (see docs/rehearsal.md)"


def _votes_mistake(poll: Question | None, votes: tuple[int, ...]) -> str:
    if poll is None:
        return "no poll: the post has none to vote in"
    if len(votes) == len(poll.choices):
        return ""
    return f"wrong number of votes: {len(votes)} for {len(poll.choices)} choices"


def _files(act: AnyEvent) -> Iterator[str]:
    """The pictures that an act names."""
    if isinstance(act, PostEvent | EditEvent):
        yield from (picture.file for picture in act.pictures or ())
        if act.card:
            yield act.card.picture
