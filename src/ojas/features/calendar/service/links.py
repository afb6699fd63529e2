"""Secret addresses by which another calendar reads this one. Only whose record it is, or who keeps it, opens that door."""

import asyncio
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

import orjson

from ojas.features.calendar import models, queries
from ojas.features.calendar.rules import ics
from ojas.features.calendar.rules.terms import Detail
from ojas.features.calendar.schemas import LinkDraft, LinkView
from ojas.features.calendar.service.calendars import SCOPE, calendars, refuse_strange
from ojas.features.calendar.service.events import EVENTS
from ojas.features.calendar.service.files import called_off, written
from ojas.features.identity import service as identity
from ojas.kit import audit, clock
from ojas.kit.auth import tokens
from ojas.kit.db import Access, Tx
from ojas.kit.errors import Conflict, NotFound
from ojas.kit.http import limits
from ojas.kit.i18n import _
from ojas.kit.ids import new_id

BACK, AHEAD = timedelta(days=31), timedelta(days=366)
MOST_LINKS = 20
MOST_EVENTS = 2_000
_FETCHES = 60
AREA = "calendar_feed"
OWNER = "owner"
_SUBJECT = "calendar-links"


async def links(tx: Tx, person_id: UUID) -> list[LinkView]:
    """The addresses that are open, without what makes them secret."""
    tx.access.require(OWNER, person_id)
    audit.looked(tx, person_id, _SUBJECT)
    return [await _shown(tx, row) for row in await queries.links(tx, person_id)]


async def open_link(tx: Tx, person_id: UUID, draft: LinkDraft) -> LinkView:
    """Open a secret address; this once it is told.

    Raises:
        Conflict: there are twenty. Incorrect: of a calendar that there is not.
    """
    tx.access.require(OWNER, person_id, write=True)
    if len(await queries.links(tx, person_id)) >= MOST_LINKS:
        raise Conflict("There are twenty such addresses already. Close one first.")
    for calendar_id in draft.calendars:
        await refuse_strange(tx, person_id, calendar_id)
    token, id = tokens.new_token(), new_id()
    plain = orjson.dumps(draft.model_dump(mode="json") | {"busy": _("Busy")})
    row = models.Link(
        person_id=person_id,
        id=id,
        digest=tokens.digest(token),
        detail=draft.detail,
        created_at=clock.now(),
        sealed=await tx.seal(person_id, models.Link.__tablename__, id, plain),
    )
    tx.session.add(row)
    await tx.session.flush()
    await audit.changed(tx, "share", person_id, _SUBJECT, id)
    return (await _shown(tx, row)).model_copy(update={"path": f"/calendar/{token}.ics"})


async def close_link(tx: Tx, person_id: UUID, id: UUID) -> None:
    """Close an address at once and for good.

    Raises:
        NotFound: there is no such address.
    """
    tx.access.require(OWNER, person_id, write=True)
    if not await queries.drop_link(tx, person_id, id):
        raise NotFound("This entry does not exist any more, or never did.")
    await audit.changed(tx, "delete", person_id, _SUBJECT, id)


async def feed(tx: Tx, token: str) -> tuple[bytes, str]:
    """The calendar file of a secret address, and its ETag. From here on the transaction sees that person's calendar.

    Raises:
        NotFound: it is not open, or never was; or its person waits to be erased. TooMany: sixty in an hour.
    """
    await tx.become(Access.system(AREA))
    row = await queries.link(tx, tokens.digest(token))
    if row is None or await identity.leaving_since(tx, row.person_id):
        raise NotFound("This address is not open any more, or never was.")
    await limits.count(tx, f"calendar.feed:{row.id}", allowed=_FETCHES, within=timedelta(hours=1))
    person, now = frozenset({row.person_id}), clock.now()
    row.read_at = now
    await tx.session.flush()
    await tx.become(Access(may_read=dict.fromkeys((SCOPE, OWNER, "record"), person), purpose="PATRQT"))
    audit.looked(tx, row.person_id, _SUBJECT, "events", action="export")
    chosen = await _content(tx, row)
    file = await asyncio.to_thread(ics.write, await _events(tx, row, chosen))
    return file, f'"{sha256(file).hexdigest()[:32]}"'


async def _events(tx: Tx, row: models.Link, chosen: "_Content") -> list[ics.Event]:
    now = clock.now()
    rows = await queries.between(tx, row.person_id, now - BACK, now + AHEAD, MOST_EVENTS)
    events = [await EVENTS.shown(tx, each) for each in rows]
    if chosen.calendars:
        known = {one.id for one in await calendars(tx, row.person_id)}
        default = await queries.default(tx, row.person_id)
        homes = {each.id: each.calendar_id if each.calendar_id in known else default for each in events}
        events = [each for each in events if homes[each.id] in chosen.calendars]
    marks = await called_off(tx, row.person_id, events)
    busy = chosen.busy if chosen.detail is Detail.BUSY else None
    return [written(event, marks.get(event.id, ()), busy=busy) for event in events]


class _Content(LinkDraft):
    """``busy``: the word for it, in the language of who opened the address."""

    busy: str = "Busy"


async def _content(tx: Tx, row: models.Link) -> _Content:
    return _Content.model_validate_json(
        await tx.open(row.person_id, models.Link.__tablename__, row.id, row.sealed)
    )


async def _shown(tx: Tx, row: models.Link) -> LinkView:
    chosen = await _content(tx, row)
    return LinkView(
        id=row.id,
        person_id=row.person_id,
        name=chosen.name,
        detail=chosen.detail,
        calendars=chosen.calendars,
        created_at=row.created_at,
        read_at=row.read_at,
    )
