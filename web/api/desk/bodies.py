"""What the desk's requests and replies have in common."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Path
from pydantic import BaseModel, Field

from aggregator.accounts.roles import Permission
from aggregator.audit.trail import MAX_WHY
from aggregator.items.ids import LENGTH
from aggregator.moderation.trust import MAX_HANDLE
from web.api.bodies import Body
from web.auth.signed_in import Access, require

POST: Final = "begyuvzruinpdg75"
HANDLE: Final = "@ada@mastodon.example"
PRINTABLE: Final = r"^[^\x00-\x1f\x7f]*$"

ByViewers = Annotated[Access, Depends(require(Permission.VIEW))]
ByModerators = Annotated[Access, Depends(require(Permission.MODERATE))]
ByOrganisers = Annotated[Access, Depends(require(Permission.CONFIGURE))]

PostId = Annotated[str, Path(pattern=f"^[a-z2-7]{{{LENGTH}}}$", description="The key of its record.", examples=[POST])]
EntryNumber = Annotated[int, Field(ge=1, lt=2**31, description="A number in the wall's history.", examples=[117])]
EntryId = Annotated[int, Path(ge=1, lt=2**31, description="A number in the wall's history.", examples=[117])]
Handle = Annotated[
    str,
    Field(min_length=1, max_length=MAX_HANDLE, pattern=PRINTABLE, description="As on the posts.", examples=[HANDLE]),
]
Why = Annotated[
    str,
    Field(max_length=MAX_WHY, pattern=PRINTABLE, description="The reason, for colleagues.", examples=["off topic"]),
]
Version = Annotated[
    int | None,
    Field(
        ge=1,
        lt=2**31,
        description="The version of the post that you saw; without it the decision counts whatever has happened since.",
        examples=[6],
    ),
]


class Reason(Body):
    """Why something is done."""

    why: Why = ""


class Acted(BaseModel):
    """What an act has come to."""

    entry: int | None = Field(
        description="Its number in the wall's history, by which it can be undone; null if nothing has changed.",
        examples=[117],
    )
    changed: bool = Field(description="False if everything already was like this.")


class ActedOnMany(Acted):
    """What an act about many posts has come to."""

    posts: int = Field(description="How many posts have changed.", examples=[12])


def acted(entry: int | None) -> Acted:
    """Return the reply to an act with this number."""
    return Acted(entry=entry, changed=entry is not None)


def acted_on(entry: int | None, posts: int) -> ActedOnMany:
    """Return the reply to an act about many posts."""
    return ActedOnMany(entry=entry, changed=entry is not None, posts=posts)
