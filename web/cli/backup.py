"""`backup` and `restore`: all walls, posts and pictures, to one file and back."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from aggregator.backup import About
from aggregator.backup.restore import Restored, must_be_unused, read_about, record_restore, restore_backup
from aggregator.backup.write import write_backup
from aggregator.channel.identity import settle_identity
from aggregator.media.blob_store import BlobStore
from aggregator.migrations import open_store
from aggregator.settings import Settings, read_settings
from aggregator.store.disk import MEGABYTE
from aggregator.store.store import Store
from web.cli.actor import command_line
from web.cli.output import JsonFlag, print_line, print_remark, show_json
from web.cli.run import Yes, insist, quiet_logs, sentences

NO_SECRETS = "No secret key at {}: the backup has none."
TOKENS_NEED = "The backup's access tokens need the secret key {}, which is not included: {}."


def install(app: typer.Typer) -> None:
    app.command()(backup)
    app.command()(restore)


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file, such as wall-2026-06-04.tar.")],
    *,
    secret_key: Annotated[
        bool, typer.Option("--with-secret-key", help="Include the key that decrypts access tokens.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Back up all walls, posts and pictures to one file. The server may keep running.

    Deleted posts are not included. Held and hidden posts are: protect the file like the data folder.
    """
    with sentences():
        settings = read_settings()
        quiet_logs(settings)
        secrets = settings.secret_path if secret_key and settings.secret_path.exists() else None
        about = asyncio.run(_back_up(settings, file, secrets))
        size = file.stat().st_size
    if as_json:
        show_json(_row(about) | {"file": str(file), "bytes": size})
        return
    key = ", with the secret key" if about.has_secrets else ""
    print_line(f"Backed up {_what(about)}{key} to ", (str(file), "bold"), f" ({max(1, size // MEGABYTE)} MB).")
    if secret_key and not about.has_secrets:
        print_remark(NO_SECRETS.format(settings.secret_path))
    if about.sealed and not about.has_secrets:
        print_remark(TOKENS_NEED.format(settings.secret_path, "keep a copy of it elsewhere"))


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file written by `backchannel backup`.")],
    *,
    yes: Yes = False,
    as_json: JsonFlag = False,
) -> None:
    """Restore a backup: database and pictures. Stop the server first.

    The previous database is kept beside it. Open pages reload from the restored one.
    """
    with sentences():
        settings = read_settings()
        quiet_logs(settings)
        about = read_about(file)
        there = Store(settings.store_url).database.file
        if there is not None and there.exists():
            must_be_unused(there)
            if not yes:
                made = f"{about.made_at:%Y-%m-%d %H:%M} UTC"
                question = f"Replace {there} by {_what(about)}, as of {made}?"
                insist(question, "Nothing was restored.", aside=as_json)
        restored = asyncio.run(_restore(settings, file))
    if as_json:
        show_json(_row(about) | {"before": str(restored.before) if restored.before else None})
        return
    print_line(f"Restored {_what(about)}.")
    if restored.before:
        print_line("The previous data was kept: ", (str(restored.before), "bold"))
    if about.sealed and not settings.secret_path.exists():
        print_remark(TOKENS_NEED.format(settings.secret_path, "restore it, or give each token again"))


async def _back_up(settings: Settings, file: Path, secrets: Path | None) -> About:
    store = Store(settings.store_url)
    try:
        return await write_backup(store, BlobStore(settings.media_dir), file, command_line(), secrets)
    finally:
        await store.close()


async def _restore(settings: Settings, file: Path) -> Restored:
    settings.make_data_dir()
    store = Store(settings.store_url)
    try:
        restored = await restore_backup(file, store.database, BlobStore(settings.media_dir), settings.secret_path)
        await open_store(store)
        await record_restore(store, restored.about, command_line())
        await settle_identity(store)
    finally:
        await store.close()
    return restored


def _what(about: About) -> str:
    parts = [(about.walls, "wall"), (about.posts, "post"), (about.pictures, "picture")]
    walls, posts, pictures = (f"{number:,} {name}{'' if number == 1 else 's'}" for number, name in parts)
    return f"{walls}, {posts} and {pictures}"


def _row(about: About) -> dict[str, object]:
    return {
        "made_at": about.made_at,
        "walls": about.walls,
        "posts": about.posts,
        "pictures": about.pictures,
        "has_secret_key": about.has_secrets,
    }
