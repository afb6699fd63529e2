"""What is said about what is planned. Titles name nothing: they may stand on a locked screen."""

from datetime import date, datetime
from uuid import UUID

from ojas.features.calendar.rules.terms import OVER, Status
from ojas.features.calendar.service.looking import standing, status_words
from ojas.features.calendar.service.marking import mark
from ojas.features.notifications import service as notifications
from ojas.features.notifications.rules import Topic
from ojas.features.notifications.schemas import Params, Said
from ojas.kit.db import Tx
from ojas.kit.i18n import N_, _, format_date, format_datetime


@notifications.action("calendar.confirm", label=N_("Will be there"))
async def CONFIRM(tx: Tx, person_id: UUID, by: UUID | None, params: Params) -> str:  # noqa: N802  # an action
    """Confirm the appointment that a reminder is of."""
    await mark(tx, person_id, UUID(params["event"]), params["key"], Status.CONFIRMED)
    return _("Confirmed. Tell them by phone too, if they ask for that.")


@notifications.action("calendar.call_off", label=N_("Will not be there"))
async def CALL_OFF(tx: Tx, person_id: UUID, by: UUID | None, params: Params) -> str:  # noqa: N802
    """Mark it as called off; Ojas tells nobody else."""
    await mark(tx, person_id, UUID(params["event"]), params["key"], Status.CANCELLED)
    return _("Noted as called off. Tell them so: Ojas does not.")


@notifications.kind(
    "calendar.appointment",
    topic=Topic.APPOINTMENT,
    scope="calendar",
    actions=("calendar.confirm", "calendar.call_off"),
)
def APPOINTMENT(params: Params) -> Said:  # noqa: N802  # a kind, once it is declared
    """Who, when, where, and what to do before."""
    parts = [_("{title}, {when}.", title=params["title"], when=_when(params))]
    if params["with"]:
        parts.append(_("With {name}.", name=params["with"]))
    if params["place"]:
        parts.append(_("Where: {place}.", place=params["place"]))
    if params["preparation"]:
        parts.append(_("Before: {what}", what=params["preparation"]))
    return Said(_("An appointment is coming"), " ".join(parts), _path(params))


@notifications.kind("calendar.event", topic=Topic.APPOINTMENT, scope="calendar")
def EVENT(params: Params) -> Said:  # noqa: N802
    parts = [_("{title}, {when}.", title=params["title"], when=_when(params))]
    if params["place"]:
        parts.append(_("Where: {place}.", place=params["place"]))
    return Said(_("Something planned is coming"), " ".join(parts), _path(params))


@notifications.answered_by(APPOINTMENT, EVENT)
async def became(tx: Tx, person_id: UUID, params: Params) -> str | None:
    """That it was called off, came to its end, is at another time or not there any more: nobody is to go for nothing."""
    event, one = await standing(tx, person_id, UUID(params["event"]), params["key"])
    if event is None:
        return _("Not in the calendar any more")
    if one is None:
        return _("Not at this time any more")
    now = {"all_day": one.all_day, "start": one.start.isoformat(), "begins": one.begins.isoformat()}
    told = ("all_day", "start", "begins") if event.zone else ("all_day", "start")
    if any(now[name] != params[name] for name in told) and one.status not in OVER:
        return _("Moved to {when}", when=_when(now))
    return status_words(one) or None


def _when(params: Params) -> str:
    if params["all_day"]:
        return format_date(date.fromisoformat(params["start"][:10]))
    return format_datetime(datetime.fromisoformat(params["begins"]))


def _path(params: Params) -> str:
    return f"/p/{params['person']}/calendar/events/{params['event']}/{params['key']}"
