"""The registry of networks: the folder `connectors/networks/`, and third parties' packages by their entry points.

Both take the same path. An unusable connector is reported and left out; it never stops the server.
"""

from __future__ import annotations

import importlib
import logging
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from importlib.metadata import EntryPoint, entry_points
from inspect import getmembers, isabstract, isclass
from types import ModuleType
from typing import Final

import msgspec

from connectors import networks
from connectors.contract import Connector

GROUP: Final = "backchannel.connectors"

_log = logging.getLogger(__name__)


class Offer(msgspec.Struct, frozen=True):
    """A connector on offer: its promised name, its provider, and how to load its module or class."""

    name: str
    origin: str
    load: Callable[[], object]


class Registry(msgspec.Struct, frozen=True):
    """The usable connectors by name, and one sentence for each unusable one."""

    connectors: dict[str, Connector]
    broken: tuple[str, ...]


def connectors() -> dict[str, Connector]:
    """Every connector by its name, created once."""
    return registry().connectors


@cache
def registry() -> Registry:
    return gather([*built_in(), *third_party(entry_points(group=GROUP))])


def built_in() -> Iterator[Offer]:
    """One offer for each module of the folder, and for the `connector.py` of each package."""
    for entry in pkgutil.iter_modules(networks.__path__):
        module = f"{networks.__name__}.{entry.name}" + (".connector" if entry.ispkg else "")
        yield Offer(entry.name, module, partial(importlib.import_module, module))


def third_party(points: Iterable[EntryPoint]) -> Iterator[Offer]:
    for point in sorted(points, key=lambda point: point.name):
        yield Offer(point.name, point.value, point.load)


def gather(offers: Iterable[Offer]) -> Registry:
    """Load each usable offer; the first of a name wins, so that no package replaces a built-in network."""
    found: dict[str, Connector] = {}
    broken: list[str] = []
    for offer in offers:
        try:
            if offer.name in found:
                raise TypeError("the name is taken")  # noqa: TRY301  it is reported below, like any other fault of an offer
            found[offer.name] = _adopt(offer)
        except (Exception, SystemExit) as error:  # noqa: BLE001  foreign code may raise anything while it is imported
            sentence = (
                f"The connector “{offer.name}” from {offer.origin} can't be used: {error or type(error).__name__}."
            )
            _log.warning(sentence)
            broken.append(sentence)
    return Registry(found, tuple(broken))


def _adopt(offer: Offer) -> Connector:
    thing = offer.load()
    cls = _only_connector(thing) if isinstance(thing, ModuleType) else thing
    if not (isclass(cls) and issubclass(cls, Connector) and not isabstract(cls)):
        raise TypeError("it is not a Connector")
    if getattr(cls, "name", None) != offer.name:
        raise TypeError(f"it calls itself “{getattr(cls, 'name', '')}”")
    return cls()


def _only_connector(module: ModuleType) -> type[Connector]:
    own = [cls for _, cls in getmembers(module, isclass) if cls.__module__ == module.__name__]
    candidates = [cls for cls in own if issubclass(cls, Connector) and not isabstract(cls)]
    if len(candidates) != 1:
        raise TypeError(f"its module defines {len(candidates)} connectors instead of one")
    return candidates[0]
