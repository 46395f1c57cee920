"""An invented network with an option and a token, and the requests about sources."""

from __future__ import annotations

from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, SecretStr

from tests.aggregator.invented import Silent

SOURCES = "/api/walls/hall/sources"
SECRET = "a-token-that-nobody-sees"


class Token(BaseModel):
    model_config = ConfigDict(extra="forbid")
    token: SecretStr = SecretStr("")


class Choice(BaseModel):
    model_config = ConfigDict(extra="forbid")
    none: list[str] = []


class Network(Silent):
    """An invented network with an option and a token."""

    credentials = Token
    options = Choice


async def listed(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    sources: list[dict[str, Any]] = (await client.get(SOURCES)).json()["sources"]
    return sources
