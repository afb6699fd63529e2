"""A helper says that they are on it, or cannot come: by the link in what they were sent, or on the page."""

from datetime import datetime
from uuid import UUID

from ojas.features.emergency import models, queries
from ojas.features.emergency.rules import calling
from ojas.features.emergency.rules.terms import Answer, State
from ojas.features.emergency.schemas import Alert
from ojas.features.emergency.service.contacts import SCOPE
from ojas.features.emergency.service.content import AlertContent, HelperContent
from ojas.features.emergency.service.helpers import of_helpers
from ojas.features.emergency.service.looking import SUBJECT, shown
from ojas.features.emergency.service.news import call_off, params_of, tell_answered, tell_nobody, thank
from ojas.features.emergency.service.ticks import CALL
from ojas.features.emergency.service.words import place_words, said_of
from ojas.features.notifications import service as notifications
from ojas.features.notifications.schemas import Params
from ojas.kit import audit, clock, phones
from ojas.kit.db import Access, Tx
from ojas.kit.errors import Conflict, NotFound
from ojas.kit.i18n import N_, _
from ojas.kit.jobs import wake


@notifications.action("emergency.coming", label=N_("I am on it"))
async def COMING(tx: Tx, person_id: UUID, by: UUID | None, params: Params) -> str:  # noqa: N802  # an action, once declared
    return await _by_link(tx, person_id, params, Answer.COMING)


@notifications.action("emergency.cannot", label=N_("I cannot come"))
async def CANNOT(tx: Tx, person_id: UUID, by: UUID | None, params: Params) -> str:  # noqa: N802
    return await _by_link(tx, person_id, params, Answer.CANNOT)


async def answer(tx: Tx, person_id: UUID, alert_id: UUID, helper_id: UUID, given: Answer) -> Alert:
    """Note what a helper said, by telephone for instance, or says themselves. Said again it changes nothing.

    Raises:
        NotFound: there is no such call, or helper in it. Conflict: it is over.
    """
    tx.access.require(SCOPE, person_id, write=True)
    row, helper = await _both(tx, person_id, alert_id, helper_id)
    if row.resolved_at is not None:
        raise Conflict("This call is over. Press again if help is needed.")
    await _answer(tx, row, helper, given)
    return await shown(tx, row)


async def _by_link(tx: Tx, person_id: UUID, params: Params, given: Answer) -> str:
    tx.access.require(SCOPE, person_id)
    whole = Access.of(
        person_id
    )  # who answers may know less of the person than what those told next must learn
    async with tx.acting(tx.access.joined(whole)):
        row, helper = await _both(tx, person_id, UUID(params["alert"]), UUID(params["helper"]))
        test = [_("TEST: this is only a test, nothing has happened.")] if row.test else []
        if row.resolved_at is not None:
            return " ".join([*test, _("It is over already: nothing is to be done. Thank you.")])
        others = await _coming(tx, row, but=helper)
        await _answer(tx, row, helper, given)
        return " ".join([*test, *await _words(tx, row, given, others)])


async def _words(tx: Tx, row: models.Alert, given: Answer, others: list[str]) -> list[str]:
    """What whoever answered needs next."""
    if given is Answer.CANNOT:
        return [_("Noted: you cannot come, and are not called again."), said_of(await shown(tx, row))]
    content = await AlertContent.of(tx, row)
    params = await params_of(tx, row, content)
    place = place_words(content.place)
    known = ", ".join(phones.shown(one) for one in params["phones"])
    return [
        _("Noted: you are on it. The others are told so."),
        _("Also on it: {names}.", names=", ".join(others)) if others else "",
        _("Place: {place}.", place=place) if place else _("The place is not known."),
        _("Call them: {numbers}.", numbers=known) if known else "",
        _("If they do not answer and you cannot be there soon, call {number}.", number=params["number"]),
    ]


async def _answer(tx: Tx, row: models.Alert, helper: models.Helper, given: Answer) -> None:
    if helper.answer == given:
        return
    before, now = helper.answer, clock.now()
    helper.answer, helper.answered_at = given, now
    rows = await queries.helpers(tx, row.person_id, [row.id])
    if given is Answer.COMING:
        row.call_at = calling.look_at(None, row.pressed_at, test=row.test)
        await call_off(tx, row)
        await tell_answered(tx, row, helper)
        await thank(tx, row, helper)
    else:
        await _go_on(tx, row, list(rows), now)
        if before == Answer.COMING and calling.state(of_helpers(rows)) is State.CALLING:
            await tell_answered(tx, row, helper)
    row.version += 1
    await tx.session.flush()
    await audit.changed(tx, "change", row.person_id, SUBJECT, row.id, version=row.version)


async def _go_on(tx: Tx, row: models.Alert, rows: list[models.Helper], now: datetime) -> None:
    """After a no: the next are told at once where nobody who was asked is left to answer; where all said no, all learn it.

    Whom no way led to is tried again as before, but nobody waits for their answer.
    """
    helpers, missed = of_helpers(rows), {one.id for one in (await shown(tx, row)).helpers if one.missed}
    if calling.state(helpers) is State.NOBODY:
        row.call_at = calling.look_at(None, row.pressed_at, test=row.test)
        await call_off(tx, row)
        await tell_nobody(tx, row)
    elif calling.state(helpers) is State.CALLING and not any(
        one.told and one.answer is None and one.id not in missed for one in helpers
    ):
        if all(one.told for one in helpers):
            await tell_nobody(tx, row)
            return
        row.begun_at = calling.begun_for(helpers, row.said, now, once=row.test)
        row.call_at = now
        await wake(tx, CALL)


async def _coming(tx: Tx, row: models.Alert, *, but: models.Helper) -> list[str]:
    rows = await queries.helpers(tx, row.person_id, [row.id])
    coming = [one for one in rows if one is not but and one.answer == Answer.COMING]
    return [(await HelperContent.of(tx, one)).contact.name for one in coming]


async def _both(
    tx: Tx, person_id: UUID, alert_id: UUID, helper_id: UUID
) -> tuple[models.Alert, models.Helper]:
    """The call, locked before its helper, as whoever tells them locks them too."""
    row = await queries.alert(tx, person_id, alert_id, lock=True)
    rows = await queries.helpers(tx, person_id, [alert_id])
    helper = next((one for one in rows if one.id == helper_id), None)
    if row is None or helper is None:
        raise NotFound("There is no such call for help.")
    return row, helper
