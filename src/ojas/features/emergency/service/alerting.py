"""Calling for help, adding to a call, ending it."""

from datetime import datetime, timedelta
from uuid import UUID

from ojas.features.emergency import models, queries
from ojas.features.emergency.rules import calling
from ojas.features.emergency.rules.terms import Kind, Outcome, State
from ojas.features.emergency.schemas import Alert, AlertDraft, EndDraft, MoreDraft, Place
from ojas.features.emergency.service.closing import close, tell_changed
from ojas.features.emergency.service.contacts import SCOPE, reachable
from ojas.features.emergency.service.content import AlertContent, HelperContent, Message
from ojas.features.emergency.service.helpers import of_helpers
from ojas.features.emergency.service.looking import shown
from ojas.features.emergency.service.news import say_more
from ojas.features.emergency.service.places import vitals_of
from ojas.features.emergency.service.ticks import CALL
from ojas.kit import clock
from ojas.kit.db import Tx
from ojas.kit.errors import Conflict, Incorrect, NotFound
from ojas.kit.http import limits
from ojas.kit.i18n import _
from ojas.kit.ids import new_id
from ojas.kit.jobs import wake

_CALLS, _CALLS_WITHIN = 6, timedelta(hours=1)
_MORE, _MORE_WITHIN = 6, timedelta(minutes=10)
_KEPT = 50
"""Messages of one call that are kept; whoever presses on for hours fills no disk."""


async def press(tx: Tx, person_id: UUID, draft: AlertDraft, *, id: UUID | None = None) -> Alert:
    """Call for help. While a call runs this adds to it: a second press is no second call.

    Args:
        id: for callers who must be able to say it twice.

    Who calls very often is heard, but their contacts are not told anew each time; ``Alert.said`` tells them so. Others who
    press for the person use up none of the person's own calls.
    """
    tx.access.require(SCOPE, person_id, write=True)
    if id is not None and (known := await queries.alert(tx, person_id, id)) is not None:
        return await shown(tx, known)
    now = clock.now()
    running = await queries.running(tx, person_id, test=draft.test)
    if running is not None and now - running.pressed_at > calling.STALE:
        await close(tx, running, Outcome.LAPSED, None, now)
        running = None
    if running is None:
        made = await _begin(tx, person_id, draft, id or new_id(), now)
        if made is not None:
            return made
        running = await queries.running(tx, person_id, test=draft.test)
        if running is None:
            raise Conflict("Somebody ended the call at this moment. Press again if help is needed.")
    return await _press_again(tx, running, draft, now)


async def add(tx: Tx, person_id: UUID, id: UUID, draft: MoreDraft) -> Alert:
    """Add what was not known: the place, found late, or words.

    Raises:
        NotFound: there is no such call. Conflict: it is over.
    """
    tx.access.require(SCOPE, person_id, write=True)
    row = await _running(tx, person_id, id)
    said = await _grow(tx, row, draft.message, draft.place, None, clock.now())
    return await shown(tx, row, said=said)


async def end(tx: Tx, person_id: UUID, id: UUID, draft: EndDraft) -> Alert:
    """End a call: everybody who was told is told so. Said again it changes nothing.

    Raises:
        NotFound: there is no such call.
    """
    tx.access.require(SCOPE, person_id, write=True)
    row = await queries.alert(tx, person_id, id, lock=True)
    if row is None:
        raise NotFound("There is no such call for help.")
    if row.resolved_at is None:
        await close(tx, row, Outcome(draft.outcome), draft.note, clock.now())
    return await shown(tx, row)


async def _begin(tx: Tx, person_id: UUID, draft: AlertDraft, id: UUID, now: datetime) -> Alert | None:
    """A new call; None: somebody pressed at this very moment, and theirs runs."""
    row = models.Alert(
        person_id=person_id,
        id=id,
        test=draft.test,
        raised_by=tx.access.account_id,
        created_at=now,
        pressed_at=now,
        begun_at=now,
        said=0,
        news=0,
        version=1,
    )
    content = AlertContent(
        kind=draft.kind,
        messages=(Message(at=now, text=draft.message),) if draft.message else (),
        place=draft.place if draft.place and draft.place.known else None,
        vitals=await vitals_of(tx, person_id),
    )
    row.sealed = await content.sealed(tx, person_id, id)
    if not await queries.start(tx, row):
        return None
    kept = await queries.alert(tx, person_id, id, lock=True)
    assert kept is not None
    helpers = await _gather(tx, kept, draft)
    whose = "test" if draft.test else person_id  # who tries out for many persons tries out no more often
    often = await _often(tx, f"emergency.call:{whose}:{row.raised_by}", _CALLS, _CALLS_WITHIN)
    first = now if helpers and not often else None
    kept.call_at = calling.look_at(first, kept.pressed_at, test=kept.test)
    await tell_changed(tx, kept, "create")
    await wake(tx, CALL)
    return await shown(tx, kept, said=often or _alone(helpers))


async def _gather(tx: Tx, row: models.Alert, draft: AlertDraft) -> list[models.Helper]:
    """Make helpers of those who are to be told; of a test, those who were chosen."""
    found = await reachable(tx, row.person_id)
    if draft.test:
        if not {contact.id for contact in found} >= set(draft.contacts):
            raise Incorrect("Choose among the contacts who can be told.", field="contacts")
        found = [contact for contact in found if contact.id in draft.contacts]
    ranks = calling.ranks([contact.priority for contact in found])
    together = draft.kind is Kind.PANIC
    helpers = []
    for contact, rank in zip(found, ranks, strict=True):
        content, id = HelperContent(contact=contact), new_id()
        helpers.append(
            models.Helper(
                person_id=row.person_id,
                id=id,
                alert_id=row.id,
                contact_id=contact.id,
                rank=0 if together else rank,
                told=0,
                message_ids=[],
                sealed=await content.sealed(tx, row.person_id, id),
            )
        )
    tx.session.add_all(helpers)
    await tx.session.flush()
    return helpers


async def _press_again(tx: Tx, row: models.Alert, draft: AlertDraft, now: datetime) -> Alert:
    """Within a minute it is the same press, unless it is worse now. Else, while nobody comes, all are called at once."""
    same_press = now - row.pressed_at <= calling.ONE_PRESS
    row.pressed_at = now
    said = await _grow(tx, row, draft.message, draft.place, draft.kind, now)
    helpers = await queries.helpers(tx, row.person_id, [row.id])
    louder = draft.kind is Kind.PANIC and any(helper.rank for helper in helpers)
    if louder:
        for helper in helpers:
            helper.rank = 0
    rules = of_helpers(helpers)
    waits = calling.state(rules) is State.CALLING and bool(helpers)
    if waits and (louder or not same_press) and said is None:
        # Past the first round, so that all are called; and a number never used, so that it is sent.
        row.said = max(row.said, len(calling.ladder(rules).steps))
        row.begun_at = calling.begun_for(rules, row.said, now, once=row.test)
        row.call_at = now
        await wake(tx, CALL)
    return await shown(tx, row, said=said)


async def _grow(
    tx: Tx, row: models.Alert, message: str | None, place: Place | None, kind: Kind | None, now: datetime
) -> str | None:
    """Keep what was added, and tell those who know already, unless that happens too often: then what to say of it."""
    content = await AlertContent.of(tx, row)
    place = place if place and place.known else None
    grown = content.model_copy(
        update={
            "messages": (*content.messages, *([Message(at=now, text=message)] if message else []))[-_KEPT:],
            "place": place or content.place,
            "kind": Kind.PANIC if kind is Kind.PANIC else content.kind,
        }
    )
    if grown == content:
        return None
    row.sealed = await grown.sealed(tx, row.person_id, row.id)
    row.version += 1
    await tell_changed(tx, row, "change")
    often = await _often(tx, f"emergency.more:{row.id}", _MORE, _MORE_WITHIN)
    if often is None:
        await say_more(tx, row, grown)
    return often


async def _running(tx: Tx, person_id: UUID, id: UUID) -> models.Alert:
    row = await queries.alert(tx, person_id, id, lock=True)
    if row is None:
        raise NotFound("There is no such call for help.")
    if row.resolved_at is not None:
        raise Conflict("This call is over. Press again if help is needed.")
    return row


async def _often(tx: Tx, key: str, allowed: int, within: timedelta) -> str | None:
    """What to say to who calls so often that others are not told each time; None: it is not too often."""
    if await limits.counted(tx, key, allowed=allowed, within=within) is None:
        return None
    return _(
        "This was pressed very often: the contacts are not told again by it. Call the emergency number yourself."
    )


def _alone(helpers: list[models.Helper]) -> str | None:
    if helpers:
        return None
    return _("There is nobody whom Ojas could tell. Call the emergency number yourself.")
