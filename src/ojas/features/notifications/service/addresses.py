"""Where an account is reached beyond its e-mail address: browsers that subscribed, telephones, webhooks."""

import base64
import hmac
import json
import secrets
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from ojas.features.notifications import channels, models, queries
from ojas.features.notifications.channels.webhook import PREFIX
from ojas.features.notifications.rules import AddressKind, Channel, Topic, Urgency
from ojas.features.notifications.schemas import AddressShown, Outsider, Params, Said
from ojas.features.notifications.service.kinds import kind
from ojas.features.notifications.service.notifying import notify
from ojas.features.notifications.service.reaching import opened
from ojas.kit import audit, clock, crypto, phones
from ojas.kit.db import Tx
from ojas.kit.errors import Conflict, Incorrect, NotFound
from ojas.kit.http import Actor, limits
from ojas.kit.i18n import _
from ojas.kit.ids import new_id
from ojas.kit.outward import checked
from ojas.kit.settings import Settings

_CODE_LASTS = timedelta(minutes=10)
_TRIES = 5


@kind("notifications.code", topic=Topic.SYSTEM, scope="profile")
def CODE(params: Params) -> Said:  # noqa: N802  # a kind, once it is declared
    code = params["code"]
    return Said(
        _("Your code for Ojas: {code}", code=code),
        _("Type it where Ojas asks for it. It is good for ten minutes."),
        "/settings/notifications",
    )


async def addresses(tx: Tx, actor: Actor) -> list[AddressShown]:
    """The caller's own, oldest first."""
    return [await _shown(tx, row) for row in await queries.addresses(tx, [actor.account_id])]


async def add_webhook(tx: Tx, actor: Actor, url: str, *, inside: bool = False) -> tuple[AddressShown, str]:
    """Send messages to an address of the caller's own. Answers it, and the secret its signatures are made with, told once.

    Raises:
        Incorrect: no address one may send to. Conflict: there are enough.
    """
    checked(url, inside=inside)
    secret = PREFIX + base64.b64encode(secrets.token_bytes(24)).decode()
    content = {"to": url, "secret": secret, "label": url}
    return await add(tx, actor, AddressKind.WEBHOOK, url, content, confirmed=True), secret


async def add_phone(tx: Tx, actor: Actor, text: str, country: str | None, settings: Settings) -> AddressShown:
    """Write a code to a number, which is the caller's once they have typed it back.

    Raises:
        Incorrect: it cannot be dialled. Conflict: this house cannot write to telephones, or there are enough.
        TooMany: too many codes were asked for.
    """
    assert actor.person_id is not None
    if Channel.SMS not in channels.offered(settings):
        raise Conflict("This house has no way to write to telephones.")
    number = phones.number(text, country)
    for key in (f"phone:{actor.account_id}", f"phone:{number}"):  # each costs, and rings somewhere
        await limits.count(tx, key, allowed=5, within=timedelta(days=1))
    code = f"{secrets.randbelow(10**6):06}"
    until = clock.now() + _CODE_LASTS
    content = {"to": number, "label": phones.shown(number), "code": code, "until": until.isoformat()}
    shown = await add(tx, actor, AddressKind.PHONE, number, content, confirmed=False)
    if shown.confirmed:
        return shown
    to = Outsider(name="", phone=number, language=actor.manner.language, zone=actor.manner.zone)
    await notify(
        tx,
        actor.person_id,
        CODE,
        to=to,
        urgency=Urgency.URGENT,
        key=str(new_id()),
        params={"code": code},
        only={Channel.SMS},
        expires_at=until,
    )
    return shown


async def confirm_phone(tx: Tx, actor: Actor, id: UUID, code: str) -> Incorrect | AddressShown:
    """Make a number the caller's. A wrong code is answered, not raised: that it was tried must be counted."""
    row = await _mine(tx, actor, id, lock=True)
    content = await opened(tx, row)
    if row.confirmed_at is not None:
        return await _shown(tx, row)
    wanted, until = str(content.get("code", "")), str(content.get("until", ""))
    if row.tries >= _TRIES or not until or until < clock.now().isoformat():
        return Incorrect("This code is too old, or was tried too often. Ask for another.", field="code")
    row.tries += 1
    if not wanted or not hmac.compare_digest(wanted.encode(), code.strip().encode()):
        return Incorrect("This is not the code that was sent.", field="code")
    row.confirmed_at = clock.now()
    await seal(tx, row, {name: content[name] for name in ("to", "label")})
    await audit.changed(tx, "change", row.person_id, "addresses", row.id)
    return await _shown(tx, row)


async def forget(tx: Tx, actor: Actor, id: UUID) -> None:
    """Send nothing there any more; what waits for it goes nowhere.

    Raises:
        NotFound: there is no such address of the caller's.
    """
    row = await _mine(tx, actor, id)
    await audit.changed(tx, "delete", row.person_id, "addresses", row.id)
    await queries.forget_addresses(tx, [id])


def offered(settings: Settings) -> frozenset[Channel]:
    """The channels this house has."""
    return channels.offered(settings)


def push_key(settings: Settings, tx: Tx) -> str:
    """What a browser needs to subscribe: the public half of the house's key."""
    return channels.vapid_of(settings, tx.database.keyring.master).public


async def add(
    tx: Tx, actor: Actor, sort: AddressKind, to: str, content: Mapping[str, Any], *, confirmed: bool
) -> AddressShown:
    """Keep an address of the caller's; one that is known is kept anew."""
    assert actor.person_id is not None
    tx.access.require("notifications", actor.person_id, write=True)
    digest = digest_of(tx, sort, to)
    kept = [row for row in await queries.addresses(tx, [actor.account_id]) if row.kind == sort]
    row = next((one for one in kept if one.digest == digest), None)
    if row is None:
        if len(kept) >= sort.most:
            await _make_room(tx, sort, kept)
        now = clock.now()
        row = models.Address(
            person_id=actor.person_id,
            id=new_id(),
            account_id=actor.account_id,
            kind=sort,
            digest=digest,
            created_at=now,
            confirmed_at=now if confirmed else None,
            tries=0,
        )
        await seal(tx, row, content)
        tx.session.add(row)
        await audit.changed(tx, "create", row.person_id, "addresses", row.id)
    elif row.confirmed_at is None or sort is not AddressKind.PHONE:
        row.tries = 0
        await seal(tx, row, content)
    row.session_id = actor.session_id if sort is AddressKind.BROWSER else None
    await tx.session.flush()
    return await _shown(tx, row)


async def _make_room(tx: Tx, sort: AddressKind, kept: Collection[models.Address]) -> None:
    """Browsers come and go, so the oldest gives way; what somebody typed stays until they take it away."""
    unproved = [row.id for row in kept if row.confirmed_at is None]
    if sort is AddressKind.BROWSER or unproved:
        await queries.forget_addresses(tx, unproved or [next(iter(kept)).id])
        return
    raise Conflict("There are enough of these. Take one away first.")


def digest_of(tx: Tx, sort: AddressKind, to: str) -> bytes:
    return crypto.blind_index(tx.database.keyring.master.derive(f"index:address:{sort}"), to)


async def seal(tx: Tx, row: models.Address, content: Mapping[str, Any]) -> None:
    plain = json.dumps(dict(content)).encode()
    row.sealed = await tx.seal(row.person_id, models.Address.__tablename__, row.id, plain)


async def _mine(tx: Tx, actor: Actor, id: UUID, *, lock: bool = False) -> models.Address:
    found = await queries.addresses(tx, [actor.account_id], lock=lock)
    row = next((one for one in found if one.id == id), None)
    if row is None:
        raise NotFound("There is no such address.")
    return row


async def _shown(tx: Tx, row: models.Address) -> AddressShown:
    content = await opened(tx, row)
    return AddressShown(
        id=row.id,
        kind=AddressKind(row.kind),
        label=content["label"],
        confirmed=row.confirmed_at is not None,
        created_at=row.created_at,
    )
