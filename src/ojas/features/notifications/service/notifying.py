"""Saying something to somebody: the one door."""

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from ojas.features.identity import service as identity
from ojas.features.identity.schemas import Recipient
from ojas.features.notifications import queries
from ojas.features.notifications.rules import (
    Channel,
    Plan,
    Preferences,
    State,
    Topic,
    Urgency,
    own_channels,
    plan,
)
from ojas.features.notifications.schemas import Kind, Note, Outsider, Params
from ojas.features.notifications.service.delivering import AREA, DELIVER
from ojas.features.notifications.service.kinds import TEST
from ojas.features.notifications.service.live import tell
from ojas.features.notifications.service.outsiders import channels_to, enter, manner_to
from ojas.features.notifications.service.reaching import by_channel
from ojas.features.notifications.service.wishes import preferences_of, wishes_of
from ojas.kit import clock
from ojas.kit.db import Access, Tx
from ojas.kit.errors import NotFound
from ojas.kit.http import Actor, limits
from ojas.kit.ids import new_id
from ojas.kit.jobs import wake

_TESTS = 5
_Row = dict[str, Any]


def saying(tx: Tx, *person_ids: UUID) -> Access:
    """The access in hand, and that to what is said about these: the house says it, whoever caused it."""
    persons = {"notifications": frozenset(person_ids)}
    return tx.access.joined(Access(may_read=persons, may_write=persons))


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
    """Say something about a person to somebody, once this transaction has committed. ``Note`` says what each argument is.

    Returns: the message's id.

    Raises:
        NotFound: the account is closed, or there is none.
    """
    note = Note(
        person_id=person_id,
        kind=kind,
        to=to,
        urgency=urgency,
        key=key,
        params=params or {},
        also=also,
        only=only,
        expires_at=expires_at,
    )
    (message_id,) = await notify_all(tx, [note])
    if message_id is None:
        raise NotFound("This account is closed.")
    return message_id


async def notify_all(tx: Tx, notes: Sequence[Note]) -> list[UUID | None]:
    """Say many things, by as many statements as for one. Answers each one's message; None: its reader's account is closed."""
    for note in notes:
        tx.access.require("notifications", note.person_id, write=True)
    readers, now = await _readers(tx, notes), clock.now()
    said = [
        (note, reader, await _message(tx, note, reader, now))
        for note, reader in zip(notes, readers, strict=True)
        if reader
    ]
    new = await queries.keep(tx, [row for _note, _reader, row in said])
    deliveries = [
        _delivery(row, one, address, now)
        for note, reader, row in said
        if row["id"] in new
        for one in _plans(note, reader, now)
        for address in reader.addresses.get(one.channel, [None])
    ]
    await queries.add(tx, deliveries)
    if any(one["state"] == State.WAITING for one in deliveries):
        await wake(tx, DELIVER)
    await tell(tx, {one["account_id"] for one in deliveries if one["channel"] is Channel.IN_APP})
    known = {id(note): await _known(tx, row, new) for note, _reader, row in said}
    return [known.get(id(note)) for note in notes]


async def _known(tx: Tx, row: _Row, new: Set[UUID]) -> UUID | None:
    """The message's id, where it was said before that one's."""
    if row["id"] in new:
        found: UUID = row["id"]
        return found
    return await queries.by_key(tx, row["person_id"], row["reader_id"], row["kind"], row["key"])


@dataclass(frozen=True, slots=True)
class _Reader:
    id: UUID
    account_id: UUID | None
    preferences: Preferences
    channels: Set[Channel]
    addresses: Mapping[Channel, Sequence[UUID | None]] = field(default_factory=dict)
    """Where a channel has several addresses of theirs, or one that is kept apart."""


async def _readers(tx: Tx, notes: Sequence[Note]) -> list[_Reader | None]:
    accounts = {note.to for note in notes if isinstance(note.to, UUID)}
    recipients = await identity.recipients(tx, accounts) if accounts else {}
    async with tx.acting(replace(tx.access, area=AREA)):
        wanted = await wishes_of(tx, recipients) if recipients else {}
        kept = await by_channel(tx, recipients) if recipients else {}
    found = {
        id: _Reader(id, id, preferences_of(one, wanted[id]), _channels(one, kept[id]), kept[id])
        for id, one in recipients.items()
    }
    return [
        found.get(note.to) if isinstance(note.to, UUID) else await _outside(tx, note.person_id, note.to)
        for note in notes
    ]


def _channels(recipient: Recipient, kept: Mapping[Channel, Sequence[UUID]]) -> Set[Channel]:
    return frozenset(kept) | own_channels(email=bool(recipient.email))


async def _outside(tx: Tx, person_id: UUID, outsider: Outsider) -> _Reader:
    everything = dict.fromkeys(Topic, frozenset(Channel))
    at_once = Preferences(manner_to(outsider).tz, everything, quiet=None, digest_at=None)
    return _Reader(await enter(tx, person_id, outsider), None, at_once, channels_to(outsider))


async def _message(tx: Tx, note: Note, reader: _Reader, now: datetime) -> _Row:
    id, plain = new_id(), json.dumps(dict(note.params)).encode()
    return {
        "person_id": note.person_id,
        "id": id,
        "account_id": reader.account_id,
        "reader_id": reader.id,
        "kind": note.kind.name,
        "topic": note.kind.topic,
        "scope": note.kind.scope,
        "urgency": note.urgency,
        "key": note.key,
        "created_at": now,
        "expires_at": note.expires_at,
        "sealed": await tx.seal(note.person_id, "messages", id, plain),
    }


def _plans(note: Note, reader: _Reader, now: datetime) -> tuple[Plan, ...]:
    return plan(note.kind.topic, note.urgency, reader.preferences, reader.channels, now, note.also, note.only)


def _delivery(message: _Row, planned: Plan, address_id: UUID | None, now: datetime) -> _Row:
    """On the page it is delivered by being there."""
    there = planned.channel is Channel.IN_APP
    return {
        "person_id": message["person_id"],
        "id": new_id(),
        "message_id": message["id"],
        "account_id": message["account_id"],
        "address_id": address_id,
        "channel": planned.channel,
        "urgency": message["urgency"],
        "state": State.HANDED if there else State.WAITING,
        "hold": planned.hold,
        "first_at": planned.at,
        "due_at": planned.at,
        "attempts": 0,
        "handed_at": now if there else None,
    }


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
