"""Browsers that subscribed to push: known by the session they are signed in with, and gone when somebody ends it.

A session that merely ran out changes nothing: who rests is still to be reminded. Ended by its owner, by a new password or by
the house, it may lie in other hands, and what was to go there goes nowhere.
"""

import hmac
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from ojas.features.notifications import queries
from ojas.features.notifications.models import Address
from ojas.features.notifications.rules import AddressKind
from ojas.features.notifications.schemas import AddressShown, Renewal, Subscription
from ojas.features.notifications.service.addresses import add, digest_of, seal
from ojas.features.notifications.service.delivering import AREA
from ojas.features.notifications.service.reaching import opened
from ojas.kit import audit
from ojas.kit.db import Access, Tx
from ojas.kit.http import Actor, limits
from ojas.kit.outward import checked

_RENEWALS, _WITHIN = 20, timedelta(minutes=10)


async def subscribe(
    tx: Tx, actor: Actor, sent: Subscription, device: str, *, inside: bool = False
) -> AddressShown:
    """Push to a browser from now on. The same browser is one address, however often it subscribes.

    Raises:
        Incorrect: the subscription is none. TooMany: it was tried too often.
    """
    checked(sent.endpoint, inside=inside, field="endpoint")
    # Whoever sits at a browser now is shown no more of what is for who sat there before.
    async with tx.acting(replace(tx.access, area=AREA)):
        await queries.pass_on(tx, AddressKind.BROWSER, _digest(tx, sent.endpoint), actor.account_id)
    return await add(
        tx, actor, AddressKind.BROWSER, sent.endpoint, _content(sent, device[:80]), confirmed=True
    )


async def unsubscribe(tx: Tx, actor: Actor, endpoint: str) -> None:
    """Push no more to the browser that subscribed with this endpoint; nothing where none did."""
    if row := await _mine(tx, actor, endpoint):
        await queries.forget_addresses(tx, [row.id])


async def here(tx: Tx, actor: Actor, endpoint: str) -> bool:
    """Whether messages come to this browser, which is the caller's in the session they are signed in with now."""
    row = await _mine(tx, actor, endpoint)
    if row is not None and row.session_id != actor.session_id:
        row.session_id = actor.session_id
        await tx.session.flush()
    return row is not None


async def renew(tx: Tx, sent: Renewal, *, inside: bool = False) -> None:
    """Push to where a browser is reached now, for the address it had before.

    Nobody need be signed in: it proves itself by the secret it gave us with the old one, which no push service knows. Nothing
    is answered, also where nothing was found.

    Raises:
        Incorrect: the new subscription is none. TooMany: it was tried too often from there.
    """
    checked(sent.now.endpoint, inside=inside, field="now.endpoint")
    await limits.count(tx, f"push.renew:{tx.origin.address}", allowed=_RENEWALS, within=_WITHIN)
    async with tx.acting(Access.system(AREA)):
        row = await queries.browser(tx, _digest(tx, sent.was.endpoint))
    if row is None:
        return
    theirs = {"notifications": frozenset({row.person_id})}
    async with tx.acting(Access(may_read=theirs, may_write=theirs, area=AREA)):
        kept = await opened(tx, row)
        if not hmac.compare_digest(kept["auth"].encode(), sent.was.keys.auth.encode()):
            return
        if sent.now.endpoint != kept["to"] and (
            other := await queries.browser(tx, _digest(tx, sent.now.endpoint))
        ):
            if other.account_id != row.account_id:
                return  # who sits at that browser says so signed in
            await queries.forget_addresses(tx, [other.id])
        row.digest = _digest(tx, sent.now.endpoint)
        await seal(tx, row, _content(sent.now, kept["label"]))
        await audit.changed(tx, "change", row.person_id, "addresses", row.id)
        await tx.session.flush()


async def signed_out(tx: Tx, person_id: UUID, /, **ids: Any) -> None:
    """A session was ended: nothing more goes to its browser."""
    async with tx.acting(replace(tx.access, area=AREA)):
        await queries.signed_out(tx, ids["account_id"], session_id=ids["session_id"])


async def signed_out_elsewhere(tx: Tx, person_id: UUID, /, **ids: Any) -> None:
    """Every session was ended, or every other: nothing more goes to any browser, or to any other."""
    async with tx.acting(replace(tx.access, area=AREA)):
        await queries.signed_out(tx, ids["account_id"], but=ids["but"])


async def _mine(tx: Tx, actor: Actor, endpoint: str) -> Address | None:
    digest = _digest(tx, endpoint)
    return next(
        (row for row in await queries.addresses(tx, [actor.account_id]) if row.digest == digest), None
    )


def _digest(tx: Tx, endpoint: str) -> bytes:
    return digest_of(tx, AddressKind.BROWSER, endpoint)


def _content(sent: Subscription, label: str) -> dict[str, str]:
    return {"to": sent.endpoint, "p256dh": sent.keys.p256dh, "auth": sent.keys.auth, "label": label}
