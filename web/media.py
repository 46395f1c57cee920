"""Serves pictures to browsers: the blob store's files, named by the digest of their content, with safe headers."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, Request, Response

from aggregator.media.blob_store import BlobStore
from web.conditional import respond
from web.pages.logo_icon import SIZES, draw_logo_icon

SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "cross-origin",  # other clients of docs/protocol.md embed them
    "Content-Security-Policy": "default-src 'none'; sandbox",  # if the file is opened by itself
}
IMMUTABLE = "public, max-age=31536000, immutable"
"""For a year: a name never stands for another content."""


def router(blobs: BlobStore) -> APIRouter:
    """`GET /media/{file}/{size}.webp`, where `size` is `s` or `l`, and `icon-{size}.png` for logos.

    Anything else under `/media/` is a 404.
    """
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/media/{file}/{size}.webp", methods=["GET", "HEAD"])
    def picture(request: Request, file: str, size: str) -> Response:
        """A picture file. Not async, so that the disk is read in a thread."""
        path = blobs.find(file, size)
        try:
            content = path.read_bytes() if path else None
        except FileNotFoundError:  # deleted since
            content = None
        if content is None:
            return Response(status_code=404, headers=SAFE | {"Cache-Control": "no-store"})
        return respond(request, content, f'"{file}-{size}"', "image/webp", SAFE | {"Cache-Control": IMMUTABLE})

    @routes.api_route("/media/{file}/icon-{size}.png", methods=["GET", "HEAD"])
    def icon(request: Request, file: str, size: int) -> Response:
        """A logo as an app's icon."""
        path = blobs.find(file, "l") if size in SIZES else None
        try:
            content = _drawn(path, size) if path else None
        except FileNotFoundError:
            content = None
        if content is None:
            return Response(status_code=404, headers=SAFE | {"Cache-Control": "no-store"})
        return respond(request, content, f'"{file}-{size}"', "image/png", SAFE | {"Cache-Control": IMMUTABLE})

    return routes


@lru_cache(maxsize=32)
def _drawn(path: Path, size: int) -> bytes:
    return draw_logo_icon(path.read_bytes(), size)
