"""The name and the login of an account, changed by its owner.

The audit trail names people by their logins: one that was given up is never given to another account.
"""

from __future__ import annotations

import json

from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.accounts.access import Principal
from aggregator.accounts.errors import LoginTaken
from aggregator.accounts.logins import check_login, check_name
from aggregator.accounts.lookup import account_change, flush_login, is_taken, lock_account
from aggregator.accounts.tables import Account, FormerLogin
from aggregator.audit.tables import Action
from aggregator.audit.trail import record
from aggregator.store.sql import stored_id


async def change_details(
    db: AsyncSession, principal: Principal, *, name: str | None = None, login: str | None = None
) -> Account:
    """Give the principal's own account another name or login; None leaves it. Raises InvalidDetails, LoginTaken."""
    wanted = {
        "name": None if name is None else check_name(name),
        "login": None if login is None else check_login(login),
    }
    account = await lock_account(db, principal.account.id)
    before = {"name": account.name, "login": account.login}
    changed = {field: value for field, value in wanted.items() if value is not None and value != before[field]}
    if "login" in changed:
        if await is_taken(db, changed["login"], but_by=account):
            raise LoginTaken(f"The login “{changed['login']}” is taken: choose another.")
        await db.merge(FormerLogin(login=account.login, account_id=stored_id(account)))
    if changed:
        change = account_change(account, _told({field: before[field] for field in changed}), _told(changed))
        account.name, account.login = changed.get("name", account.name), changed.get("login", account.login)
        db.add(account)
        await flush_login(db, account.login)
        await record(db, principal.actor, Action.CHANGE, [change])
    return account


def _told(values: dict[str, str]) -> str:
    return json.dumps(values, ensure_ascii=False)
