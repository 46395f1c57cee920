"""The HTML document of a page: head, server-rendered cards, and the boot data for the browser.

Everything that isn't markup is escaped here.
"""

from __future__ import annotations

from html import escape

from aggregator.settings import Settings
from web.pages.build import Build
from web.pages.render import Rendered
from web.pages.social_card import HEIGHT, WIDTH

LIGHT, DARK = "#eef4f6", "#081014"
"""The background of web/ui/lib/tokens.css, as the theme colour for browsers and phones."""
UNSCRIPTED = "The desk needs scripts: allow them for this site, then reload the page."
HEAD = f"""\
<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="dark light">
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="apple-touch-icon" href="/apple-touch-icon.png">
<meta name="theme-color" media="(prefers-color-scheme: light)" content="{LIGHT}">
<meta name="theme-color" media="(prefers-color-scheme: dark)" content="{DARK}">
"""


REFRESH = '<noscript><meta http-equiv="refresh" content="20"></noscript>\n'
"""Seconds after which a hall's screen without scripts asks for the newest posts."""


def wall_document(
    slug: str, boot: bytes, rendered: Rendered, build: Build, settings: Settings, *, screen: bool = False
) -> str:
    """The wall page. Cards come first in the body, so that they show before any script has arrived.

    A `screen` without scripts is a hall, too, and loads itself anew.
    """
    title = "" if "<title" in rendered.head else f"<title>{escape(slug)} · Backchannel</title>\n"
    arrange = f"<script>{build.arrange}</script>\n" if build.arrange else ""
    links = f"{_styles(build)}{_scripts(build)}"
    top = HEAD.replace("<html ", '<html data-mode="hall" ', 1) + REFRESH if screen else HEAD
    head = f"{_manifest(f'/w/{slug}')}{title}{_preview(slug, settings)}{links}{rendered.head}"
    return (
        f"{top}{head}\n</head>\n<body>\n"
        f'<div id="app">{rendered.body}</div>\n{arrange}'
        f'<script type="application/json" id="boot">{inside_script(boot)}</script>\n'
        "</body>\n</html>\n"
    )


def desk_document(build: Build) -> str:
    """The desk: its script draws everything, and asks the server who is signed in."""
    return (
        f"{HEAD}<title>Desk · Backchannel</title>\n{_styles(build)}{_scripts(build)}</head>\n<body>\n"
        f'<div id="app"></div>\n<noscript><p>{UNSCRIPTED}</p></noscript>\n</body>\n</html>\n'
    )


def plain_document(title: str, body: str, style: str, build: Build | None = None, *, dark: bool = False) -> str:
    """A page without scripts. `body` is markup, `style` an inline style sheet."""
    links = _styles(build) if build else ""
    head = HEAD.replace("<html ", '<html data-theme="dark" ', 1) if dark else HEAD
    return (
        f"{head}{_manifest()}<title>{escape(title)}</title>\n{links}<style>{style}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def inside_script(json: bytes) -> str:
    """JSON without `<`, so that it can neither end its script element nor open a comment."""
    return json.decode().replace("<", "\\u003c")


def _manifest(wall: str = "") -> str:
    return f'<link rel="manifest" href="{wall}/manifest.webmanifest">\n'


def _preview(slug: str, settings: Settings) -> str:
    """Open Graph tags (https://ogp.me) for link previews, which need absolute URLs."""
    says = {"og:site_name": settings.site_name}
    if settings.public_url:
        wall = f"{settings.public_url}/w/{slug}"
        says |= {"og:url": wall, "og:image": f"{wall}/card.png"}
        says |= {"og:image:width": str(WIDTH), "og:image:height": str(HEIGHT), "twitter:card": "summary_large_image"}
    return "".join(f'<meta property="{name}" content="{escape(value)}">\n' for name, value in says.items())


def _scripts(build: Build) -> str:
    modules = "".join(f'<link rel="modulepreload" href="{path}">\n' for path in build.imports)
    modules += "".join(f'<link rel="prefetch" href="{path}">\n' for path in build.later)
    return f'{modules}<script type="module" src="{build.script}"></script>\n'


def _styles(build: Build) -> str:
    return _fonts(build) + "".join(f'<link rel="stylesheet" href="{path}">\n' for path in build.styles)


def _fonts(build: Build) -> str:
    return "".join(
        f'<link rel="preload" href="{path}" as="font" type="font/woff2" crossorigin>\n' for path in build.fonts
    )
