"""Asking for it, and undoing that."""

import hmac
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from ojas.features.identity import queries
from ojas.features.identity.models import Erasure
from ojas.features.identity.queries import erasures
from ojas.features.identity.schemas import ErasureView, Receipt
from ojas.features.identity.service.accounts import account_of
from ojas.features.identity.service.erasing.ground import (
    OUTSIDE,
    UNDO,
    receipt_of,
    token_of,
    view_of,
    whole,
)
from ojas.features.identity.service.erasing.letters import News, to_whom
from ojas.features.identity.service.sessions import require_fresh
from ojas.kit import audit, clock, events
from ojas.kit.db import Tx
from ojas.kit.errors import Conflict, Forbidden, NotFound
from ojas.kit.feature import Feature
from ojas.kit.http import Actor
from ojas.kit.ids import new_id


async def ask(tx: Tx, actor: Actor, features: Sequence[Feature], person_id: UUID) -> ErasureView:
    """Have a person erased in seven days. Meanwhile nobody else sees the record; whose it is may read, export and undo.

    Raises:
        NotFound, Forbidden: it is not the caller's own record, nor one of somebody without an account that they keep; or they
            did not prove who they are within ten minutes.
        Conflict: it is asked for already; somebody else's record would have no keeper, or the house no administrator.
    """
    await _refuse_others(tx, actor, person_id)
    await require_fresh(tx, actor)
    return await _asked(tx, features, person_id, UNDO)


async def ask_for(
    tx: Tx, features: Sequence[Feature], person_id: UUID, *, wait: timedelta = UNDO
) -> ErasureView:
    """The same for the one who runs the house, who has to know that it was asked for. With no wait it cannot be undone.

    Raises:
        NotFound: there is no such person. Conflict: as in ``ask``; one that waits already is hastened.
    """
    async with tx.acting(whole(tx, person_id)):
        if not await queries.people.exists(tx, person_id):
            raise NotFound("There is no such person.")
        found = await erasures.standing(tx, person_id, lock=True)
        if found is None:
            return await _asked(tx, features, person_id, wait)
        found.due_at = min(found.due_at, clock.now() + wait)
        await tx.session.flush()
        return view_of(tx, found)


async def ask_anew(tx: Tx, features: Sequence[Feature], person_id: UUID) -> ErasureView:
    """For somebody whom a restored backup brought back: whatever it says of an erasure, begin it afresh and at once."""
    async with tx.acting(whole(tx, person_id)):
        await erasures.forget_all(tx, person_id)
    return await ask_for(tx, features, person_id, wait=timedelta())


async def undo(tx: Tx, actor: Actor, features: Sequence[Feature], person_id: UUID) -> None:
    """Leave everything as it is, and open to those it was open to.

    Raises:
        NotFound, Forbidden: as in ``ask``; nothing waits. Conflict: it has begun.
    """
    await _refuse_others(tx, actor, person_id)
    await undo_for(tx, features, person_id)


async def undo_for(tx: Tx, features: Sequence[Feature], person_id: UUID) -> None:
    """The same for the one who runs the house."""
    async with tx.acting(whole(tx, person_id)):
        found = await erasures.standing(tx, person_id, lock=True)
        if found is None:
            raise NotFound("Nothing waits to be erased here.")
        if found.begun_at is not None:
            raise Conflict("The erasure has begun and cannot be undone.")
        found.undone_at = clock.now()
        for feature in features:
            if feature.reopen:
                await feature.reopen(tx, person_id)
        await _told(tx, found, "undone")


async def standing(tx: Tx, person_id: UUID) -> ErasureView | None:
    """The erasure that waits or is under way, for those who may undo it."""
    tx.access.require("owner", person_id)
    found = await erasures.standing(tx, person_id)
    return view_of(tx, found) if found else None


async def receipt(tx: Tx, id: UUID, token: str) -> Receipt:
    """What became of it, for whoever holds the address from the page or the letter.

    Raises:
        NotFound: there is none, or the token is another's.
    """
    async with tx.acting(replace(tx.access, area=OUTSIDE)):
        found = await erasures.by_id(tx, id)
    if found is None or not hmac.compare_digest(token_of(tx, id).encode(), token.encode()):
        raise NotFound("There is no such receipt.")
    return receipt_of(found)


async def refuse_while_leaving(tx: Tx, person_id: UUID) -> None:
    """
    Raises:
        Conflict: the person waits to be erased, so nobody new is let in.
    """
    if await leaving_since(tx, person_id):
        raise Conflict("This record waits to be erased. Undo that first.")


async def leaving_since(tx: Tx, person_id: UUID) -> datetime | None:
    """Since when the person waits to be erased: what opened their record to others without an account opens nothing then."""
    async with tx.acting(replace(tx.access, area=OUTSIDE)):
        found = await erasures.standing(tx, person_id)
    return found.asked_at if found else None


async def _refuse_others(tx: Tx, actor: Actor, person_id: UUID) -> None:
    tx.access.require("owner", person_id, write=True)
    if person_id != actor.person_id and await account_of(tx, person_id):
        raise Forbidden("Only the person themselves can have this record erased.")


async def _asked(tx: Tx, features: Sequence[Feature], person_id: UUID, wait: timedelta) -> ErasureView:
    async with tx.acting(whole(tx, person_id)):
        await erasures.one_by_one(tx, person_id)
        if await erasures.standing(tx, person_id):
            raise Conflict("This record waits to be erased already.")
        account_id = await queries.accounts.id_of(tx, person_id)
        await refuse_last_admin(tx, account_id)
        for feature in features:
            if feature.close:
                await feature.close(tx, person_id)
        now = clock.now()
        made = Erasure(
            person_id=person_id,
            id=new_id(),
            account_id=account_id,
            asked_by=tx.access.account_id,
            asked_at=now,
            due_at=now + wait,
            counts={},
        )
        made.letter = await to_whom(tx, made)
        tx.session.add(made)
        await tx.session.flush()
        await _told(tx, made, "asked")
        return view_of(tx, made)


async def refuse_last_admin(tx: Tx, account_id: UUID | None) -> None:
    """
    Raises:
        Conflict: the house would have no administrator: those who wait to be erased are none that stay.
    """
    admins = await queries.organisations.admins(tx) if account_id else frozenset()
    if account_id not in admins:
        return
    async with tx.acting(replace(tx.access, area=OUTSIDE)):
        leaving = await erasures.leaving(tx)
    if admins <= leaving | {account_id}:
        raise Conflict("Somebody must be able to give roles: make another administrator first.")


async def _told(tx: Tx, row: Erasure, news: News) -> None:
    await audit.changed(tx, "erase", row.person_id, f"erasure.{news}", row.id)
    await tx.session.flush()
    await events.emit(tx, "identity.erasure.news", person_id=row.person_id, erasure_id=row.id, news=news)
