"""The road by which browsers get pictures: files of our own making, under the digest of what is in them.

It owns the headers; it refuses to know what is shown where, and serves nothing that the blob store does not name.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from aggregator.media.blob_store import BlobStore
from web.conditional import has_it

SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "cross-origin",  # clients of docs/protocol.md show them, too
    "Content-Security-Policy": "default-src 'none'; sandbox",  # also if somebody opens the file by itself
}
FOR_EVER = "public, max-age=31536000, immutable"
"""A name never stands for another content. (A year, and no second question.)"""


def router(blobs: BlobStore) -> APIRouter:
    """`GET /media/{file}/{size}.webp`, where `size` is `s` or `l`. All else under `/media/` is not found."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/media/{file}/{size}.webp", methods=["GET", "HEAD"])
    def picture(request: Request, file: str, size: str) -> Response:
        """Not async, so that the disk is read in a thread: one open and one read, a few kilobytes."""
        path = blobs.find(file, size)
        try:
            content = path.read_bytes() if path else None
        except FileNotFoundError:  # discarded since
            content = None
        if content is None:
            return Response(status_code=404, headers=SAFE | {"Cache-Control": "no-store"})
        headers = SAFE | {"Cache-Control": FOR_EVER, "ETag": f'"{file}-{size}"'}
        if has_it(request.headers.get("If-None-Match", ""), headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return Response(content, media_type="image/webp", headers=headers)

    return routes
