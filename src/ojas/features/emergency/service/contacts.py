"""Whom to tell: the list of contacts, telling them that they were named, and taking no for an answer."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from ojas.features.emergency import models, queries
from ojas.features.emergency.rules.terms import Method
from ojas.features.emergency.schemas import Contact, ContactDraft, Standing
from ojas.features.emergency.service.telling import tell, tell_accounts
from ojas.features.identity import service as identity
from ojas.features.notifications import service as notifications
from ojas.features.notifications.rules import Urgency
from ojas.features.notifications.schemas import Deed, Params
from ojas.features.sharing import service as sharing
from ojas.kit import audit, clock, crypto
from ojas.kit.collection import Collection
from ojas.kit.db import Access, Tx
from ojas.kit.errors import Conflict, Incorrect
from ojas.kit.http import limits
from ojas.kit.i18n import N_, _

SCOPE = "emergency"
MOST = 20
_NAMED_A_DAY, _NAMED_BY_ONE = 20, 40
"""For one person, and by one account: naming others must not become a way to send letters to strangers."""
_REMEMBERED = timedelta(days=90)
"""For so long it is known, also without the contact, that an address is a stranger's. Numbers change hands."""


async def _check(tx: Tx, person_id: UUID, draft: ContactDraft) -> None:
    if draft.account_id and draft.account_id not in await sharing.who_cares(tx, person_id, SCOPE):
        raise Incorrect(
            "This account does not look after the person, or not in emergencies.", field="account_id"
        )


async def _derive(tx: Tx, person_id: UUID, id: UUID, draft: ContactDraft) -> Mapping[str, Any]:
    """What they said holds as long as they are reached where they were."""
    address = identity.index_of(tx, f"{person_id} {draft.phone} {draft.email}")
    row = await queries.contact(tx, person_id, id)
    if row is None and len(await queries.contacts(tx, person_id)) >= MOST:
        raise Incorrect("{n} contacts are the most. Take one out first.", field="name", n=MOST)
    same = row is not None and row.address_hash == address
    if not same and draft.introduce:
        await _count_naming(tx)
    return {
        "address_hash": address,
        "named_at": row.named_at if row is not None and same else None,
        "refused_at": row.refused_at if row is not None and same else await _refused_at(tx, person_id, draft),
    }


async def _count_naming(tx: Tx) -> None:
    """Of each account too: who keeps many records is to write to strangers no more often."""
    key, day = f"emergency.named.by:{tx.access.account_id}", timedelta(days=1)
    if tx.access.account_id and await limits.counted(tx, key, allowed=_NAMED_BY_ONE, within=day):
        raise Incorrect(
            "You have had very many people told today. Leave this out, and tell them yourself.",
            field="introduce",
        )


async def _refused_at(tx: Tx, person_id: UUID, draft: ContactDraft) -> datetime | None:
    """When their owners said of all these addresses that it is not them. One that nobody refused is another chance."""
    ids = _addresses(tx, person_id, draft)
    found = await queries.refused(tx, person_id, ids, clock.now() - _REMEMBERED)
    return max((one.refused_at for one in found), default=None) if len(found) == len(ids) else None


def _addresses(tx: Tx, person_id: UUID, draft: ContactDraft) -> frozenset[UUID]:
    """Each address by itself, as refusals know it."""
    key = tx.database.keyring.master.derive("index:emergency-refusal")
    told = (draft.phone, draft.second_phone, draft.email and draft.email.casefold())
    return frozenset(UUID(bytes=crypto.blind_index(key, f"{person_id} {one}")) for one in told if one)


CONTACTS: Collection[models.Contact, ContactDraft, Contact] = Collection(
    name="emergency-contacts",
    row=models.Contact,
    draft=ContactDraft,
    view=Contact,
    filters=("active", "can_receive_alerts"),
    check=_check,
    derive=_derive,
)


async def contacts(tx: Tx, person_id: UUID) -> list[Contact]:
    """All contacts, in the order in which they are told."""
    tx.access.require(SCOPE, person_id)
    audit.looked(tx, person_id, CONTACTS.name)
    return [await CONTACTS.shown(tx, row) for row in await queries.contacts(tx, person_id)]


async def standings(tx: Tx, person_id: UUID) -> dict[UUID, Standing]:
    """What became of naming each contact."""
    tx.access.require(SCOPE, person_id)
    rows = await queries.contacts(tx, person_id)
    return {row.id: Standing(named_at=row.named_at, refused_at=row.refused_at) for row in rows}


async def reachable(tx: Tx, person_id: UUID) -> list[Contact]:
    """Those who are told of a call for help, in order."""
    rows = await queries.contacts(tx, person_id)
    return [
        await CONTACTS.shown(tx, row)
        for row in rows
        if row.active and row.can_receive_alerts and row.refused_at is None
    ]


async def introduce(tx: Tx, person_id: UUID, id: UUID) -> None:
    """Tell a contact, once, that they were named, if the person wishes. Said again it changes nothing."""
    tx.access.require(SCOPE, person_id, write=True)
    row = await queries.contact(tx, person_id, id)
    if row is None or row.named_at or row.refused_at:
        return
    contact = await CONTACTS.shown(tx, row)
    if not (contact.introduce and contact.active and contact.can_receive_alerts):
        return
    day = timedelta(days=1)
    if await limits.counted(tx, f"emergency.named:{person_id}", allowed=_NAMED_A_DAY, within=day):
        return
    params = {
        "person": str(person_id),
        "contact_id": str(id),
        "addresses": [str(one) for one in _addresses(tx, person_id, contact)],
        "contact": contact.name,
        "name": (await identity.names(tx, [person_id])).get(person_id),
    }
    said = await tell(
        tx,
        person_id,
        contact,
        "emergency.named",
        key=f"{id}:{row.address_hash.hex()[:16]}",
        params=params,
        urgency=Urgency.HIGH,
        by=_gently(contact),
        worth=_REMEMBERED,  # whoever it is not for may be away for weeks
    )
    row.named_at = clock.now() if said else None


def _gently(contact: ContactDraft) -> frozenset[Method]:
    """By the way they like best; a telephone does not ring to say that it may ring one day."""
    written = contact.ways - {Method.PHONE}
    if contact.preferred in written:
        return frozenset({contact.preferred})
    return written or (frozenset({Method.SMS}) if contact.phone else frozenset())


@notifications.action("emergency.not_me", label=N_("This is not me"))
async def NOT_ME(tx: Tx, person_id: UUID, by: UUID | None, params: Params) -> Deed:  # noqa: N802  # an action, once declared
    """A stranger got the message: they are told nothing more, and the person learns it."""
    tx.access.require(SCOPE, person_id)
    async with tx.acting(tx.access.joined(_whole(person_id))):
        row, now = await queries.contact(tx, person_id, UUID(params["contact_id"])), clock.now()
        here = _addresses(tx, person_id, await CONTACTS.shown(tx, row)) if row is not None else frozenset()
        told = _told(params) or here
        first = not await queries.refused(tx, person_id, told, now - _REMEMBERED)
        await queries.refuse(tx, person_id, told, now)
        # A stranger speaks of where they were written to, not of where the contact is reached since.
        if row is not None and row.refused_at is None and here == told:
            row.refused_at = now
            await audit.changed(tx, "change", person_id, CONTACTS.name, row.id, version=row.version)
            await _tell_keepers(tx, person_id, "emergency.refused", f"{row.id}:{now.isoformat()}", params)
    says = _("Noted. Nothing more comes to you, and they are told that the address is wrong.")
    return Deed(says, mark=now.isoformat() if first else "")


@notifications.taken_back(NOT_ME)
async def _me_after_all(tx: Tx, person_id: UUID, mark: str, params: Params) -> str:
    """Only their own no, and only while nobody else said the same: an address may be two people's."""
    tx.access.require(SCOPE, person_id)
    at = datetime.fromisoformat(mark)
    async with tx.acting(tx.access.joined(_whole(person_id))):
        told = _told(params)
        if {one.refused_at for one in await queries.refused(tx, person_id, told, at)} != {at}:
            raise Conflict("Somebody else has said the same since, so it stands.")
        await queries.unrefuse(tx, person_id, told)
        for row in await queries.contacts(tx, person_id):
            if row.refused_at == at:
                row.refused_at = await _refused_at(tx, person_id, await CONTACTS.shown(tx, row))
                await audit.changed(tx, "change", person_id, CONTACTS.name, row.id, version=row.version)
        await _tell_keepers(tx, person_id, "emergency.known", f"{mark}:{clock.now().isoformat()}", params)
    return _("Noted: it is you. When help is called for, you are told.")


def _told(params: Params) -> frozenset[UUID]:
    """The addresses that a contact had when they were told that they were named."""
    return frozenset(map(UUID, params.get("addresses", ())))


def _whole(person_id: UUID) -> Access:
    """Whoever answers may know nothing of the person; what follows from it is the house's to do."""
    person = frozenset({person_id})
    return Access(may_read={SCOPE: person}, may_write={SCOPE: person})


async def _tell_keepers(tx: Tx, person_id: UUID, kind: str, key: str, params: Params) -> None:
    keepers = await sharing.who_keeps(tx, person_id, SCOPE)
    await tell_accounts(tx, person_id, keepers, kind, key=key, params=params, urgency=Urgency.HIGH)
