"""Telling contacts, the person and whoever looks after them: each by every way they may be told."""

from collections.abc import Iterable, Set
from datetime import timedelta
from uuid import UUID

import structlog

from ojas.features.emergency.rules.terms import Method
from ojas.features.emergency.schemas import ContactDraft
from ojas.features.identity import service as identity
from ojas.features.notifications import service as notifications
from ojas.features.notifications.rules import Channel, Urgency
from ojas.features.notifications.schemas import Outsider, Params
from ojas.kit import clock
from ojas.kit.db import Tx
from ojas.kit.errors import Refusal
from ojas.kit.settings import Settings

_LOG = structlog.get_logger("ojas.emergency")
_CHANNELS = {Method.PHONE: Channel.CALL, Method.SMS: Channel.SMS, Method.EMAIL: Channel.EMAIL}
_WORTH = timedelta(hours=24)


def absent(settings: Settings) -> frozenset[Method]:
    """The ways by which this house tells nobody, for it is not set up for them."""
    offered = notifications.offered(settings)
    return frozenset(method for method, channel in _CHANNELS.items() if channel not in offered)


async def tell(
    tx: Tx,
    person_id: UUID,
    contact: ContactDraft,
    kind: str,
    *,
    key: str,
    params: Params,
    urgency: Urgency,
    by: Set[Method] | None = None,
    worth: timedelta = _WORTH,
) -> list[UUID]:
    """Say something to a contact, at their addresses and, where they have an account here, on its channels too.

    One that cannot be told keeps no other from being told. Answers the messages' ids.
    """
    to: list[UUID | Outsider] = list(await _outsiders(tx, person_id, await _beside_account(tx, contact)))
    if contact.account_id:
        to.append(contact.account_id)
    only = frozenset(_CHANNELS[method] for method in (contact.ways if by is None else by))
    return await _say(tx, person_id, to, kind, key, params, urgency, only, worth)


async def tell_accounts(
    tx: Tx,
    person_id: UUID,
    accounts: Iterable[UUID],
    kind: str,
    *,
    key: str,
    params: Params,
    urgency: Urgency,
) -> list[UUID]:
    """Say something to accounts, on the channels they chose."""
    return await _say(tx, person_id, list(dict.fromkeys(accounts)), kind, key, params, urgency, frozenset())


async def own_account(tx: Tx, person_id: UUID) -> list[UUID]:
    """The account that is the person's own, if they have one."""
    found = await identity.account_of(tx, person_id)
    return [found] if found else []


async def _say(
    tx: Tx,
    person_id: UUID,
    to: list[UUID | Outsider],
    kind: str,
    key: str,
    params: Params,
    urgency: Urgency,
    only: Set[Channel],
    worth: timedelta = _WORTH,
) -> list[UUID]:
    said = []
    async with tx.acting(notifications.saying(tx, person_id)):
        for one in to:
            try:
                said.append(
                    await notifications.notify(
                        tx,
                        person_id,
                        notifications.KINDS[kind],
                        to=one,
                        urgency=urgency,
                        key=key,
                        params=params,
                        only=only if isinstance(one, Outsider) else None,
                        expires_at=clock.now() + worth,
                    )
                )
            except Refusal as refusal:  # an account that was closed, for example
                _LOG.warning("untold", kind=kind, why=type(refusal).__name__)
    return said


async def hush(tx: Tx, person_id: UUID, message_ids: Iterable[UUID]) -> None:
    """Let what still waits of these not be sent any more."""
    async with tx.acting(notifications.saying(tx, person_id)):
        await notifications.hush(tx, person_id, list(message_ids))


async def _beside_account(tx: Tx, contact: ContactDraft) -> ContactDraft:
    """Without the e-mail address at which their account here is told already: two of each letter would be one too many."""
    if not (contact.account_id and contact.email):
        return contact
    same = await identity.address_of(tx, contact.account_id) == identity.index_of(tx, contact.email)
    return contact.model_copy(update={"email": None}) if same else contact


async def _outsiders(tx: Tx, person_id: UUID, contact: ContactDraft) -> list[Outsider]:
    """Their addresses, the second telephone by itself; in their language, by the clock of the person, whose time matters."""
    zone = await identity.clocks_of(tx, person_id) or "UTC"
    places = [(contact.phone, contact.email), (contact.second_phone, None)]
    return [
        Outsider(name=contact.name, email=email, phone=phone, language=contact.language, zone=zone)
        for phone, email in places
        if phone or email
    ]
