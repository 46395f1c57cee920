"""Preparing pictures in a separate process, the sandbox for all strangers' bytes."""

from __future__ import annotations

from aggregator.media.images import BadPicture, Prepared, prepare
from connectors.sandbox import Sandbox as Process
from connectors.sandbox import SandboxCrashed

__all__ = ["Sandbox", "SandboxCrashed"]


class Sandbox(Process):
    """`prepare` in another process, one picture at a time: 40 megapixels with alpha need half of its memory."""

    async def prepare(self, data: bytes, purpose: str) -> Prepared:
        """Return what `images.prepare` returns. Raises BadPicture or SandboxCrashed."""
        return await self.run(prepare, data, purpose, returns=Prepared, raises=BadPicture)
