"""Pictures are prepared in a process of their own, by the sandbox in which all strangers' bytes are read."""

from __future__ import annotations

from aggregator.media.images import BadPicture, Prepared, prepare
from connectors.sandbox import Collapsed
from connectors.sandbox import Sandbox as Process

__all__ = ["Collapsed", "Sandbox"]


class Sandbox(Process):
    """`prepare` in another process, one picture at a time: 40 megapixels with their alpha need half of its memory."""

    async def prepare(self, data: bytes, purpose: str) -> Prepared:
        """As `images.prepare`. Raises BadPicture or Collapsed."""
        return await self.run(prepare, data, purpose, returns=Prepared, raises=BadPicture)
