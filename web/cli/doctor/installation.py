"""`doctor`'s checks of the installation and the settings. They change nothing and are independent."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from ipaddress import ip_network

from PIL import features

from aggregator.settings import PREFIX, Settings, shown_default, variable
from aggregator.store.url import read_database
from connectors.registry import Registry
from connectors.text.hosts import split_port
from web.addresses import base_address, is_local
from web.cli.doctor.check import Check, Status
from web.pages.build import read_build

OLDEST_PYTHON = (3, 11)
WIDEST = {4: 8, 6: 16}
"""The longest prefix (bits) of an allowed network that is too wide for the guard to protect anything."""
OURS = frozenset({"TEST_BROWSER", "TESTS_WITHOUT", "STATIC", "TOKEN"})
"""Variables with our prefix that aren't settings: of the tests, the build and `follow`."""


# --- the installation -------------------------------------------------------------------------------------------


def python() -> Iterator[Check]:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] >= OLDEST_PYTHON:
        yield Check("Python", Status.OK, found)
    else:
        yield Check("Python", Status.FAIL, f"{found} is too old.", "Install Python 3.11 or newer.")


def libraries() -> Iterator[Check]:
    """Check each required library of our package, extras aside."""
    try:
        needed = [line for line in requires("backchannel") or [] if "extra ==" not in line]
    except PackageNotFoundError:
        yield Check("Libraries", Status.WARN, "Backchannel runs from a checkout that isn't installed.")
        return
    names = [match[0] for line in needed if (match := re.match(r"[A-Za-z0-9._-]+", line))]
    missing = [name for name in names if not _installed(name)]
    if missing:
        yield Check("Libraries", Status.FAIL, f"{', '.join(missing)} missing.", "Run: pip install .")
    else:
        yield Check("Libraries", Status.OK, f"all {len(names)} are installed")


def pictures() -> Iterator[Check]:
    if features.check("webp"):
        yield Check("Pictures", Status.OK, "WebP can be written")
    else:
        yield Check("Pictures", Status.FAIL, "Pillow cannot write WebP.", "Run: pip install --force-reinstall pillow")


def browser_side() -> Iterator[Check]:
    build = read_build()
    if build is None:
        yield Check("Web assets", Status.FAIL, "Not built.", "Run `make run`, or install with: pip install .")
    elif not build.program:
        yield Check("Web assets", Status.FAIL, "The server-side renderer is missing.", "Build it: make run")
    else:
        yield Check("Web assets", Status.OK, "built")


def networks(registry: Registry) -> Iterator[Check]:
    """List the connectors, and each plug-in that failed to load."""
    yield Check("Networks", Status.OK, ", ".join(sorted(each.label for each in registry.connectors.values())))
    for sentence in registry.broken:
        yield Check("Network", Status.FAIL, sentence, "Update the package that brings it, or uninstall it.")


# --- the settings -----------------------------------------------------------------------------------------------


def settings_explained(settings: Settings, environment: Mapping[str, str]) -> Iterator[Check]:
    """Each setting with its value, the value's source and the description."""
    for name, field in Settings.model_fields.items():
        source = "environment" if environment.get(variable(name)) else "default"
        message = f"{_value(settings, name) or shown_default(field) or '(empty)'}  ({source})  {field.description}"
        yield Check(variable(name), Status.OK, message)


def settings_changed(settings: Settings, environment: Mapping[str, str]) -> Iterator[Check]:
    """Each setting with a value of its own, and the number of defaults."""
    given = [name for name in Settings.model_fields if environment.get(variable(name))]
    for name in given:
        yield Check(variable(name), Status.OK, _value(settings, name))
    rest = len(Settings.model_fields) - len(given)
    others = "other settings have their defaults" if given else "settings have their defaults"
    yield Check("Settings", Status.OK, f"{rest} {others}: doctor --all explains each")


def _value(settings: Settings, name: str) -> str:
    value = getattr(settings, name)
    if name == "database_url" and value:
        return read_database(value).shown
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def misspelt(environment: Mapping[str, str]) -> Iterator[Check]:
    known = {variable(name) for name in Settings.model_fields} | {PREFIX + name for name in OURS}
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in known:
            yield Check(name, Status.FAIL, "Unknown setting.", "Correct its spelling, or unset it.")


def allowed(settings: Settings) -> Iterator[Check]:
    wide = [part for part in settings.allow_hosts if _is_wide(part)]
    if wide:
        message = f"{', '.join(wide)} allows almost every address."
        yield Check(
            "Network guard", Status.WARN, message, f"Name only the hosts that you need in {variable('allow_hosts')}."
        )
    elif settings.allow_hosts:
        yield Check(
            "Network guard", Status.OK, f"private addresses are blocked, except {', '.join(settings.allow_hosts)}"
        )
    else:
        yield Check("Network guard", Status.OK, "private addresses are blocked")
    if not settings.contact:
        message = "Operators of other servers can't tell who is polling them."
        yield Check("Contact", Status.WARN, message, f"Set {variable('contact')} to a web page or an e-mail address.")


def reachable(settings: Settings) -> Iterator[Check]:
    """Check the public URL: a server that other machines can reach needs one for links and QR codes."""
    if not is_local(settings.host) and not settings.public_url:
        message = f"Other machines may reach this server, and its links and QR codes lead to {_links_to(settings)}."
        hint = f"Set {variable('public_url')} to the address by which people reach it."
        yield Check("Address", Status.WARN, message, hint)


def _links_to(settings: Settings) -> str:
    return base_address(settings, settings.host, settings.port)


# --- helpers ----------------------------------------------------------------------------------------------------


def _installed(name: str) -> bool:
    try:
        return bool(version(name))
    except PackageNotFoundError:
        return False


def _is_wide(part: str) -> bool:
    host, _ = split_port(part)
    try:
        network = ip_network(host, strict=False)
    except ValueError:
        return False
    return network.prefixlen < WIDEST[network.version]
