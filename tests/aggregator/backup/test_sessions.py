"""A restored backup has accounts, and nobody who is signed in."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.accounts.errors import InvalidLink
from aggregator.accounts.sessions import find_session
from aggregator.accounts.setup_links import make_password_link, read_link
from aggregator.backup.restore import record_restore, restore_backup
from aggregator.backup.write import write_backup
from aggregator.media.blob_store import BlobStore
from aggregator.migrations import open_store
from aggregator.store.store import Store
from tests.accounts import AT, OPERATOR, a_session, an_account, reread


async def test_restored_backup_has_accounts_and_no_sessions(tmp_path: Path) -> None:
    file, backup, blobs = tmp_path / "backchannel.db", tmp_path / "backup.tar", BlobStore(tmp_path / "media")
    store = Store(f"sqlite:///{file}")
    await open_store(store)
    kim = await an_account(store)
    begun = await a_session(store, kim)
    async with store.write() as db:
        link = await make_password_link(db, kim, OPERATOR, AT)
    await write_backup(store, blobs, backup, OPERATOR)
    await store.close()
    restored = await restore_backup(backup, store.database, blobs, tmp_path / "secret.key")
    store = Store(f"sqlite:///{file}")
    await open_store(store)
    async with store.read() as db:
        assert await find_session(db, begun.token, AT) is not None
        assert (await read_link(db, link.token, AT)).account == kim
    await record_restore(store, restored.about, OPERATOR)
    assert (await reread(store, "kim")).password_hash == kim.password_hash
    async with store.read() as db:
        assert await find_session(db, begun.token, AT) is None
        with pytest.raises(InvalidLink):
            await read_link(db, link.token, AT)
    await store.close()
