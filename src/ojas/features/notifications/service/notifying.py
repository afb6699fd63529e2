"""Saying something to somebody: the one door."""

import json
from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from ojas.features.identity import service as identity
from ojas.features.notifications import queries
from ojas.features.notifications.models import Delivery, Message
from ojas.features.notifications.rules import Channel, Plan, Preferences, State, Topic, Urgency, plan
from ojas.features.notifications.schemas import Kind, Outsider, Params
from ojas.features.notifications.service.delivering import DELIVER
from ojas.features.notifications.service.kinds import TEST
from ojas.features.notifications.service.outsiders import channels_to, enter, manner_to
from ojas.features.notifications.service.wishes import channels_of, preferences_of, wishes
from ojas.kit import clock
from ojas.kit.db import Access, Tx
from ojas.kit.errors import NotFound
from ojas.kit.http import Actor, limits
from ojas.kit.ids import new_id
from ojas.kit.jobs import wake

_TESTS = 5


async def notify(
    tx: Tx,
    person_id: UUID,
    kind: Kind,
    *,
    to: UUID | Outsider,
    urgency: Urgency,
    key: str,
    params: Params | None = None,
    also: Set[Channel] = frozenset(),
    only: Set[Channel] | None = None,
    expires_at: datetime | None = None,
) -> UUID:
    """Say something about a person to an account, on the channels it chose, once this transaction has committed.

    Args:
        to: an account, or somebody without one, by the addresses that are given.
        key: names the occasion. The same kind with the same key to the same account is one message, however often it is said.
        params: what ``kind`` puts into words; kept sealed.
        also: channels beyond those the reader chose.
        only: these channels alone, as far as the reader has an address there, whatever they chose.
        expires_at: when it is no longer worth saying.

    Returns: the message's id.

    Raises:
        NotFound: the account is closed, or there is none.
    """
    tx.access.require("notifications", person_id, write=True)
    reader = await _reader(tx, person_id, to)
    now = clock.now()
    message = Message(
        person_id=person_id,
        id=new_id(),
        account_id=reader.account_id,
        reader_id=reader.id,
        kind=kind.name,
        topic=kind.topic,
        scope=kind.scope,
        urgency=urgency,
        key=key,
        created_at=now,
        expires_at=expires_at,
    )
    plain = json.dumps(dict(params or {})).encode()
    message.sealed = await tx.seal(person_id, "messages", message.id, plain)
    if not await queries.keep(tx, message):
        known = await queries.by_key(tx, person_id, reader.id, kind.name, key)
        assert known is not None
        return known
    plans = plan(kind.topic, urgency, reader.preferences, reader.channels, now, also, only)
    tx.session.add_all([_delivery(message, one, now) for one in plans])
    await tx.session.flush()
    await wake(tx, DELIVER)
    return message.id


@dataclass(frozen=True, slots=True)
class _Reader:
    id: UUID
    account_id: UUID | None
    preferences: Preferences
    channels: Set[Channel]


async def _reader(tx: Tx, person_id: UUID, to: UUID | Outsider) -> _Reader:
    if isinstance(to, Outsider):
        everything = dict.fromkeys(Topic, frozenset(Channel))
        at_once = Preferences(manner_to(to).tz, everything, quiet=None, digest_at=None)
        return _Reader(await enter(tx, person_id, to), None, at_once, channels_to(to))
    recipient = (await identity.recipients(tx, [to])).get(to)
    if recipient is None:
        raise NotFound("This account is closed.")
    async with tx.acting(_of_account(tx, to)):
        return _Reader(to, to, preferences_of(recipient, await wishes(tx, to)), channels_of(recipient))


async def try_out(tx: Tx, actor: Actor) -> None:
    """Send the caller a test, at once, by everything they have switched on.

    Raises:
        TooMany: five in ten minutes.
    """
    assert actor.person_id is not None
    await limits.count(
        tx, f"notifications.test:{actor.account_id}", allowed=_TESTS, within=timedelta(minutes=10)
    )
    await notify(tx, actor.person_id, TEST, to=actor.account_id, urgency=Urgency.URGENT, key=str(new_id()))


def _of_account(tx: Tx, account_id: UUID) -> Access:
    return tx.access.joined(Access()) if tx.access.account_id == account_id else Access(account_id=account_id)


def _delivery(message: Message, planned: Plan, now: datetime) -> Delivery:
    """On the page it is delivered by being there."""
    there = planned.channel is Channel.IN_APP
    return Delivery(
        person_id=message.person_id,
        id=new_id(),
        message_id=message.id,
        account_id=message.account_id,
        channel=planned.channel,
        urgency=message.urgency,
        state=State.HANDED if there else State.WAITING,
        hold=planned.hold,
        first_at=planned.at,
        due_at=planned.at,
        attempts=0,
        handed_at=now if there else None,
    )
