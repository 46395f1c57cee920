"""`/api/passkeys`: the passkeys of the account that is signed in."""

from __future__ import annotations

from fastapi import APIRouter, Request

from aggregator.accounts.passkeys import add_passkey, list_passkeys, offer_passkey, remove_passkey, rename_passkey
from web.api.bodies import Body, Name, PublicId, fields
from web.api.passkey_shapes import CreatedCredential, Options, OwnPasskey, OwnPasskeys
from web.auth.context import auth_of
from web.auth.own_ways import OwnWays
from web.auth.signed_in import Confirmed, CrossSiteRefused, InSession
from web.problems import PrivateRoute, refusals

router = APIRouter(tags=["accounts"], route_class=PrivateRoute, dependencies=[CrossSiteRefused])


class PasskeyName(Body):
    """What a passkey is called."""

    name: Name


class NewPasskey(PasskeyName):
    """A passkey that a browser has just made."""

    credential: CreatedCredential


@router.head("/api/passkeys", include_in_schema=False)
@router.get("/api/passkeys", summary="List your passkeys", responses=refusals(401, 403))
async def list_own(principal: InSession, request: Request) -> OwnPasskeys:
    async with auth_of(request).store.read() as db:
        found = await list_passkeys(db, principal.account)
    return OwnPasskeys(passkeys=[OwnPasskey.model_validate(fields(each, OwnPasskey)) for each in found])


@router.post(
    "/api/passkeys/options", summary="Begin to add a passkey", dependencies=[OwnWays], responses=refusals(401, 403, 409)
)
async def offer(principal: InSession, _confirmed: Confirmed, request: Request) -> Options:
    """It needs a sign-in that was confirmed lately (`confirm_password`): a passkey opens the account ever after."""
    auth = auth_of(request)
    party = auth.relying_party(request)
    async with auth.store.write() as db:
        return Options(options=await offer_passkey(db, party, principal.account, auth.clock()))


@router.post(
    "/api/passkeys", summary="Add a passkey", dependencies=[OwnWays], status_code=201, responses=refusals(401, 403, 409)
)
async def add(body: NewPasskey, principal: InSession, request: Request) -> OwnPasskey:
    """Register what the browser has made with the options of `/api/passkeys/options`."""
    auth = auth_of(request)
    party, answer = auth.relying_party(request), body.credential.model_dump()
    made = await add_passkey(auth.store, party, principal, answer, name=body.name, at=auth.clock())
    return OwnPasskey.model_validate(fields(made, OwnPasskey))


@router.patch("/api/passkeys/{passkey}", summary="Rename a passkey", responses=refusals(401, 403, 404))
async def rename(passkey: PublicId, body: PasskeyName, principal: InSession, request: Request) -> OwnPasskey:
    async with auth_of(request).store.write() as db:
        renamed = await rename_passkey(db, principal, passkey, body.name)
        return OwnPasskey.model_validate(fields(renamed, OwnPasskey))


@router.delete(
    "/api/passkeys/{passkey}", summary="Remove a passkey", status_code=204, responses=refusals(401, 403, 404, 409)
)
async def remove(passkey: PublicId, principal: InSession, _confirmed: Confirmed, request: Request) -> None:
    """The last way into the account stays (`last_way_in`). Sessions that it has begun go on."""
    async with auth_of(request).store.write() as db:
        await remove_passkey(db, principal, passkey)
