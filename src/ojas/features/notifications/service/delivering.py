"""Handing over what is due: claim, put into words, hand to the channel, write down what became of it.

The claim is committed before anything leaves, and ends by itself: a worker that dies in between repeats a delivery, and
loses none. Nothing is held open while a provider thinks, and nobody waits for a slow one: what has not left within a second
goes on by itself, and a channel half of whose ways hang is given no more until they end.
"""

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence, Set
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from ojas.features.identity import service as identity
from ojas.features.identity.schemas import Recipient
from ojas.features.notifications import queries
from ojas.features.notifications.channels import Address, Parcel, Piece, Way, ways
from ojas.features.notifications.models import Delivery, Message
from ojas.features.notifications.rules import (
    NO_WAY,
    Channel,
    Handed,
    Hold,
    Never,
    NotNow,
    Outcome,
    State,
    Urgency,
    given_up,
    next_try,
    told,
)
from ojas.features.notifications.schemas import Said
from ojas.features.notifications.service.kinds import KINDS
from ojas.features.notifications.service.links import door_of, links_of
from ojas.features.notifications.service.outsiders import manner_to, opened
from ojas.features.notifications.service.reaching import address_of
from ojas.features.notifications.service.wishes import wishes_of
from ojas.kit import clock, crypto, i18n
from ojas.kit.db import Access, Tx
from ojas.kit.errors import NotFound
from ojas.kit.http import Actor
from ojas.kit.http.edge import Authorise
from ojas.kit.i18n import N_
from ojas.kit.jobs import Context, tick

AREA = "deliveries"
_BATCH, _AT_ONCE, _SLOW, _PATIENCE_S = 40, 20, 10, 22
"""All that a channel has under way ends before its lease does, also where its provider hangs: (40 + 10) / 20 * 22 s = 55 s."""
_WAITS_S = 1.0
_LOG = structlog.get_logger("ojas.notifications")
_NOBODY = N_("Nobody is to be told there any more.")
UNSAYABLE = (crypto.Unreadable, NotFound, LookupError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class _Errand:
    """Deliveries that leave as one parcel: usually one; those of a digest together. No parcel: they do not leave now."""

    deliveries: tuple[Delivery, ...]
    parcel: Parcel | None
    unsayable: bool = False

    @property
    def channel(self) -> Channel:
        return Channel(self.deliveries[0].channel)


@dataclass
class _Lane:
    """What one channel has under way in this process."""

    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))
    under_way: set[asyncio.Task[Outcome]] = field(default_factory=set)


@tick("notifications.deliver")
async def DELIVER(context: Context) -> bool:  # noqa: N802  # a tick, once it is declared
    """Hand over one batch of what is due."""
    now, lanes = clock.now(), _lanes(context)
    free = [channel for channel, lane in lanes.items() if len(lane.under_way) < _SLOW]
    async with context.database.transaction(Access.system(AREA)) as tx:
        claimed = await queries.claim(tx, now, _BATCH, channels=free)
    if not claimed:
        slow = {task for lane in lanes.values() for task in lane.under_way}
        if slow:
            await asyncio.wait(slow, timeout=_WAITS_S, return_when=asyncio.FIRST_COMPLETED)
        return bool(slow) or len(free) < len(lanes)
    authorise = next(feature.authorise for feature in context.features if feature.authorise)
    async with context.database.transaction(_reading(claimed)) as tx:
        errands = await _errands(tx, claimed, authorise, now)
    means = ways(context.settings, context.database.keyring.master)
    async with AsyncExitStack() as open_ways:
        way_of = await open_ways.enter_async_context(means)
        running = {
            asyncio.create_task(_run(errand, way_of, lanes[errand.channel].gate)): errand
            for errand in errands
        }
        done, slow = await asyncio.wait(running, timeout=_WAITS_S)
        await _settle(context, [(running[task], task.result()) for task in done])
        if slow:
            _go_on(context, open_ways.pop_all(), {task: running[task] for task in slow})
    return bool(slow) or len(claimed) == _BATCH


def _lanes(context: Context) -> dict[Channel, _Lane]:
    """Those of this process."""
    known: dict[Channel, _Lane] = context.single.setdefault(
        "notifications.lanes", {channel: _Lane() for channel in Channel}
    )
    return known


def _go_on(
    context: Context, open_ways: AsyncExitStack, running: Mapping[asyncio.Task[Outcome], _Errand]
) -> None:
    """What takes longer, by itself: each written down as it ends."""
    lanes = _lanes(context)
    for task, errand in running.items():
        lanes[errand.channel].under_way.add(task)

    async def see_through() -> None:
        async with open_ways:
            waiting = set(running)
            while waiting:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                await _settle(context, [(running[task], task.result()) for task in done])
                for task in done:
                    lanes[running[task].channel].under_way.discard(task)

    def ended(whole: asyncio.Task[None]) -> None:
        # Whatever went wrong, nothing is under way any more; its leases end, and it is tried again.
        for task, errand in running.items():
            lanes[errand.channel].under_way.discard(task)
        _GOING_ON.discard(whole)
        if not whole.cancelled() and (problem := whole.exception()):
            _LOG.warning("failed", error=type(problem).__name__, exc_info=problem)

    going_on = asyncio.create_task(see_through())
    _GOING_ON.add(going_on)
    going_on.add_done_callback(ended)


_GOING_ON: set[asyncio.Task[None]] = set()
"""Held here, or they could be collected while they wait."""


async def _settle(context: Context, ended: Sequence[tuple[_Errand, Outcome]]) -> None:
    each = [(delivery, outcome) for errand, outcome in ended for delivery in errand.deliveries]
    gone = [
        delivery.address_id
        for delivery, outcome in each
        if isinstance(outcome, Never) and outcome.gone and delivery.address_id
    ]
    if not each:
        return
    async with context.database.transaction(Access.system(AREA)) as tx:
        await queries.settle(tx, [_end(delivery, outcome) for delivery, outcome in each])
        if gone:
            await queries.forget_addresses(tx, gone)


def _reading(claimed: Sequence[Delivery]) -> Access:
    persons = frozenset(delivery.person_id for delivery in claimed)
    return Access(may_read={"notifications": persons}, area=AREA)


async def _errands(tx: Tx, claimed: Sequence[Delivery], authorise: Authorise, now: datetime) -> list[_Errand]:
    await tx.database.keyring.prepare(tx.session, {one.person_id for one in claimed})
    found = await queries.messages(tx, [(one.person_id, one.message_id) for one in claimed])
    readers = await _readers(tx, found, authorise)
    addresses = await _addresses(tx, {one.address_id for one in claimed if one.address_id})
    messages = {m.id: m for m in found if m.reader_id in readers and readers[m.reader_id].may_read(m)}
    together: dict[object, list[Delivery]] = defaultdict(list)
    for one in claimed:
        digest = one.hold == Hold.DIGEST
        together[(one.account_id, one.channel, one.address_id) if digest else one.id].append(one)
    known = _Known(messages, readers, addresses)
    packed = [await _packed(tx, group, known, now) for group in together.values()]
    return [errand for errands in packed for errand in errands]


@dataclass(frozen=True, slots=True)
class _Reader:
    """Whom messages are for. ``access``: what an account may see now, for a share may have ended while they waited; None: an
    outsider, who reads what was said to them and nothing else."""

    email: str | None
    manner: i18n.Manner
    access: Access | None = None
    phone: str | None = None
    details: bool = True
    """Whether more than a title may stand where others might read it."""

    def may_read(self, message: Message) -> bool:
        return self.access is None or self.access.allows(message.scope, message.person_id)

    def at(self, channel: str) -> Address | None:
        """Where a channel leads that needs no address of its own."""
        to = self.email if channel == Channel.EMAIL else self.phone
        return Address(to) if to else None


@dataclass(frozen=True, slots=True)
class _Known:
    messages: Mapping[UUID, Message]
    readers: Mapping[UUID, _Reader]
    addresses: Mapping[UUID, Address]


async def _readers(tx: Tx, found: Sequence[Message], authorise: Authorise) -> dict[UUID, _Reader]:
    readers: dict[UUID, _Reader] = {}
    outside = {(message.person_id, message.reader_id) for message in found if message.account_id is None}
    for row in await queries.outsiders(tx, outside) if outside else ():
        outsider = await opened(tx, row)
        readers[row.id] = _Reader(outsider.email, manner_to(outsider), phone=outsider.phone)
    about: dict[UUID, set[UUID]] = defaultdict(set)
    for message in found:
        if message.account_id:
            about[message.account_id].add(message.person_id)
    recipients = await identity.recipients(tx, about) if about else {}
    wishes = await wishes_of(tx, list(recipients)) if recipients else {}
    async with tx.acting(replace(tx.access, area="sign_in")):
        for one in recipients.values():
            access = await _rights(tx, one, about[one.account_id], authorise)
            details = wishes[one.account_id].details
            readers[one.account_id] = _Reader(one.email, one.manner, access, details=details)
    return readers


async def _rights(tx: Tx, one: Recipient, about: Set[UUID], authorise: Authorise) -> Access:
    """What somebody may see of these persons now. Of themselves alone: all, without asking."""
    if about == {one.person_id}:
        return Access.of(one.person_id, account_id=one.account_id)
    return await authorise(tx, Actor(one.account_id, one.person_id, session_id=None))


async def _addresses(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Address]:
    rows = await queries.several_addresses(tx, ids) if ids else []
    persons = frozenset(row.person_id for row in rows)
    async with tx.acting(tx.access.joined(Access(may_read={"notifications": persons}))):
        await tx.database.keyring.prepare(tx.session, persons)
        return {row.id: await address_of(tx, row) for row in rows}


async def _packed(
    tx: Tx,
    deliveries: Sequence[Delivery],
    known: _Known,
    now: datetime,
) -> list[_Errand]:
    """Usually one errand. What cannot be put into words is tried again by itself, and keeps nothing else from leaving."""
    try:
        return [await _errand(tx, deliveries, known, now)]
    except UNSAYABLE:
        if len(deliveries) > 1:
            alone = [await _packed(tx, [one], known, now) for one in deliveries]
            return [errand for errands in alone for errand in errands]
        _LOG.exception("unsayable", message=str(deliveries[0].message_id))
        return [_Errand(tuple(deliveries), None, unsayable=True)]


async def _errand(
    tx: Tx,
    deliveries: Sequence[Delivery],
    known: _Known,
    now: datetime,
) -> _Errand:
    first, messages = deliveries[0], known.messages
    wanted = [messages[one.message_id] for one in deliveries if one.message_id in messages]
    alive = [m for m in wanted if m.expires_at is None or m.expires_at > now]
    if not alive:
        return _Errand(tuple(deliveries), None)
    reader = known.readers[alive[0].reader_id]
    to = known.addresses.get(first.address_id) if first.address_id else reader.at(first.channel)
    if to is None:
        return _Errand(tuple(deliveries), None)
    with i18n.use(reader.manner):
        pieces = tuple([await _piece(tx, message) for message in alive])
    shown = reader.details or max(piece.urgency for piece in pieces) is Urgency.EMERGENCY
    parcel = Parcel(first.id, to, pieces, reader.manner, identity.origin(), shown)
    return _Errand(tuple(deliveries), parcel)


async def _piece(tx: Tx, message: Message) -> Piece:
    said = replace(await said_of(tx, message), links=links_of(tx, message), door=door_of(tx, message))
    if message.account_id is None:
        said = replace(said, path="")  # who has no account can open none of our pages
    return Piece(message.id, message.kind, Urgency(message.urgency), said)


async def params_of(tx: Tx, message: Message) -> dict[str, Any]:
    """What its words are filled with."""
    plain = await tx.open(message.person_id, "messages", message.id, message.sealed)
    found: dict[str, Any] = json.loads(plain)
    return found


async def said_of(tx: Tx, message: Message) -> Said:
    """A message in words, in the language in use."""
    params = await params_of(tx, message)
    said = KINDS[message.kind].say(params)
    whose = params.get("whose")  # two people's medicines may come to one who keeps both records
    return replace(said, title=f"{whose}: {said.title}") if whose else said


async def _run(errand: _Errand, means: Mapping[Channel, Way], gate: asyncio.Semaphore) -> Outcome:
    way = means.get(errand.channel)
    if errand.unsayable:
        return NotNow(N_("It cannot be put into words."))
    if errand.parcel is None or way is None:
        return Never(_NOBODY if way else NO_WAY)
    async with gate:
        try:
            return await asyncio.wait_for(way.hand(errand.parcel), _PATIENCE_S)
        except Exception as problem:  # of one channel; what others handed over must still be written down
            _LOG.exception("failed", channel=errand.channel)
            return NotNow(told(N_("It failed here."), type(problem).__name__))


def _end(delivery: Delivery, outcome: Outcome) -> dict[str, Any]:
    now = clock.now()
    end = {
        "person_id": delivery.person_id,
        "id": delivery.id,
        "attempt": delivery.attempts,
        "due_at": delivery.due_at,
        "handed_at": None,
    }
    if isinstance(outcome, Handed):
        return end | {"state": State.HANDED, "answer": outcome.answer, "handed_at": now}
    if isinstance(outcome, Never):
        return end | {"state": State.REFUSED, "answer": outcome.reason}
    urgency = Urgency(delivery.urgency)
    if given_up(urgency, delivery.first_at, now):
        return end | {"state": State.DEAD, "answer": outcome.reason}
    again = next_try(urgency, delivery.attempts, now, outcome.after, random.random())
    return end | {"state": State.WAITING, "answer": outcome.reason, "due_at": again}
