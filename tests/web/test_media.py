"""Pictures on their way to a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from aggregator.media.blob_store import BlobStore
from web.media import router


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    (tmp_path / "secret.webp").write_bytes(b"secret")
    return BlobStore(tmp_path / "media")


@pytest.fixture
async def browser_of(blobs: BlobStore) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.include_router(router(blobs))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://wall") as client:
        yield client


def headers_of(reply: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in reply.headers.items() if name != "content-length"}


async def test_each_size_is_served_for_ever_and_for_nothing_but_pictures(
    blobs: BlobStore, browser_of: httpx.AsyncClient
) -> None:
    file = blobs.put(b"small", b"large")
    for size, content in (("s", b"small"), ("l", b"large")):
        reply = await browser_of.get(f"/media/{file}/{size}.webp")
        assert (reply.status_code, reply.content) == (200, content)
        assert headers_of(reply) == {
            "content-type": "image/webp",
            "cache-control": "public, max-age=31536000, immutable",
            "etag": f'"{file}-{size}"',
            "x-content-type-options": "nosniff",
            "content-security-policy": "default-src 'none'; sandbox",
            "cross-origin-resource-policy": "cross-origin",
        }


async def test_head_tells_the_same_without_the_picture(blobs: BlobStore, browser_of: httpx.AsyncClient) -> None:
    url = f"/media/{blobs.put(b'small', b'large')}/s.webp"
    asked, got = await browser_of.head(url), await browser_of.get(url)
    assert (asked.status_code, asked.content, asked.headers) == (200, b"", got.headers)


@pytest.mark.parametrize("tags", ['"{0}-s"', 'W/"{0}-s"', '"other", "{0}-s"', "*"])
async def test_picture_that_the_browser_has_is_not_sent_again(
    blobs: BlobStore, browser_of: httpx.AsyncClient, tags: str
) -> None:
    file = blobs.put(b"small", b"large")
    reply = await browser_of.get(f"/media/{file}/s.webp", headers={"If-None-Match": tags.format(file)})
    assert (reply.status_code, reply.content, reply.headers["etag"]) == (304, b"", f'"{file}-s"')


async def test_picture_under_another_tag_is_sent(blobs: BlobStore, browser_of: httpx.AsyncClient) -> None:
    file = blobs.put(b"small", b"large")
    reply = await browser_of.get(f"/media/{file}/s.webp", headers={"If-None-Match": f'"{file}-l"'})
    assert reply.status_code == 200


async def test_discarded_picture_is_gone_also_for_those_who_had_it(
    blobs: BlobStore, browser_of: httpx.AsyncClient
) -> None:
    file = blobs.put(b"small", b"large")
    blobs.discard(file)
    reply = await browser_of.get(f"/media/{file}/s.webp", headers={"If-None-Match": "*"})
    assert (reply.status_code, reply.content, reply.headers["cache-control"]) == (404, b"", "no-store")


async def test_picture_discarded_while_it_is_asked_for_is_gone(tmp_path: Path) -> None:
    class Closing(BlobStore):
        def find(self, file: str, size: str) -> Path | None:
            return self.folder / file / size

    app = FastAPI()
    app.include_router(router(Closing(tmp_path)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://wall") as client:
        assert (await client.get(f"/media/{'a' * 40}/s.webp")).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/media/../secret.webp",
        "/media/../../secret.webp",
        "/media/%2e%2e/secret.webp",
        "/media/..%2f..%2fsecret/s.webp",
        "/media/%2e%2e%2f%2e%2e/secret.webp",
        "/media//etc/passwd",
        "/media/%00/s.webp",
        "/media/{file}/m.webp",
        "/media/{file}/..%2fs.webp",
        "/media/{file}%0a/s.webp",
        "/media/{upper}/s.webp",
        "/media/{file}/s.png",
        "/media/{file}",
        "/media/unfinished/s.webp",
    ],
)
async def test_nothing_else_is_found(blobs: BlobStore, browser_of: httpx.AsyncClient, path: str) -> None:
    file = blobs.put(b"small", b"large")
    reply = await browser_of.get(path.format(file=file, upper=file.upper()))
    assert (reply.status_code, b"secret" in reply.content) == (404, False)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_pictures_are_only_read(blobs: BlobStore, browser_of: httpx.AsyncClient, method: str) -> None:
    file = blobs.put(b"small", b"large")
    assert (await browser_of.request(method, f"/media/{file}/s.webp")).status_code == 405
