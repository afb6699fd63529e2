"""What is said in an emergency. Titles name no illness: they may stand on a locked screen. A test says so first, everywhere."""

from collections.abc import Collection
from datetime import datetime
from functools import partial
from uuid import UUID

from ojas.features.emergency import queries
from ojas.features.emergency.rules.terms import ANSWERS, STATES, WHY, Answer, Kind, Outcome, State
from ojas.features.emergency.schemas import Place, Vital
from ojas.features.emergency.service.words import place_words, vital_words
from ojas.features.notifications import service as notifications
from ojas.features.notifications.rules import Topic
from ojas.features.notifications.schemas import Params, Said
from ojas.kit import phones
from ojas.kit.db import Tx
from ojas.kit.i18n import _, format_datetime, format_time, gettext

ACTIONS = ("emergency.coming", "emergency.cannot")


def _said(params: Params, title: str, *sentences: str, path: str | None = None) -> Said:
    text = " ".join(sentence for sentence in sentences if sentence)
    if params.get("test"):
        title = _("TEST: {title}", title=title)
        text = " ".join([_("TEST: this is only a test, nothing has happened."), text])
    return Said(title, text, path or f"/p/{params['person']}/emergency/alerts/{params['alert']}")


def _name(params: Params) -> str:
    return params.get("name") or _("Somebody you look after")


def _time(at: str) -> str:
    return format_time(datetime.fromisoformat(at))


def _situation(params: Params) -> list[str]:
    """Why, what they wrote, where, how they were, whom to call: what decides whether one runs."""
    place = place_words(Place.model_validate(params["place"]) if params.get("place") else None)
    vitals = "; ".join(vital_words(Vital.model_validate(one)) for one in params.get("vitals") or ())
    numbers = ", ".join(phones.shown(one) for one in params.get("phones") or ())
    return [
        _("{why}, at {time}.", why=gettext(WHY[Kind(params["kind"])]), time=_time(params["at"])),
        *(f"“{text}”" for text in params.get("messages") or ()),
        _("Place: {place}.", place=place) if place else _("The place is not known."),
        _("Last measured: {vitals}.", vitals=vitals) if vitals else "",
        _("Call them: {numbers}.", numbers=numbers) if numbers else "",
        _("If they do not answer and you cannot be there soon, call {number}.", number=params["number"]),
    ]


@notifications.kind(
    "emergency.called", topic=Topic.EMERGENCY, scope="emergency", actions=ACTIONS, readers=True
)
def CALLED(params: Params) -> Said:  # noqa: N802  # a kind, once it is declared
    """Somebody calls for help: to each contact, with the two answers."""
    again = _("Nobody has answered yet.") if params.get("again") else ""
    by = _("{by} pressed the button for them.", by=params["by"]) if params.get("by") else ""
    title = _("{name} needs help", name=_name(params))
    return _said(params, title, again, *_situation(params), by, _("Say whether you are on it."))


@notifications.kind("emergency.more", topic=Topic.EMERGENCY, scope="emergency", actions=ACTIONS, readers=True)
def MORE(params: Params) -> Said:  # noqa: N802
    """The place was found, or something was added."""
    return _said(params, _("More about {name}", name=_name(params)), *_situation(params))


@notifications.kind("emergency.answered", topic=Topic.EMERGENCY, scope="emergency")
def ANSWERED(params: Params) -> Said:  # noqa: N802
    """A helper comes, or no longer can: to everybody else, and to the person."""
    who, name = params["helper_name"], _name(params)
    if params["answer"] == Answer.COMING:
        text = _("{who} said at {time}: I am on it.", who=who, time=_time(params["answered_at"]))
        phone = params.get("helper_phone")
        reach = _("Reach {who} at {number}.", who=who, number=phones.shown(phone)) if phone else ""
        return _said(params, _("{who} is helping {name}", who=who, name=name), text, reach)
    text = _("{who} cannot come after all. The others are called again.", who=who)
    return _said(params, _("{name} still needs help", name=name), text)


@notifications.kind(
    "emergency.thanks", topic=Topic.EMERGENCY, scope="emergency", actions=ACTIONS[1:], readers=True
)
def THANKS(params: Params) -> Said:  # noqa: N802
    """To who is on it: what they need on the way, and how to say that they cannot come after all."""
    title = _("You are helping {name}", name=_name(params))
    return _said(params, title, *_situation(params), _("If you cannot come after all, say so at once."))


@notifications.kind(
    "emergency.nobody", topic=Topic.EMERGENCY, scope="emergency", actions=ACTIONS[:1], readers=True
)
def NOBODY(params: Params) -> Said:  # noqa: N802
    """Everybody who was asked cannot come: to all of them, and to the person."""
    text = _(
        "Everybody who could be told has said that they cannot come. Call {number} now.",
        number=params["number"],
    )
    return _said(params, _("Nobody is with {name} yet", name=_name(params)), text, *_situation(params)[2:3])


async def _answered(actions: Collection[str], tx: Tx, person_id: UUID, params: Params) -> str | None:
    """That it is over; or what this helper said to what the message asks, on whatever page or in whatever message."""
    row = await queries.alert(tx, person_id, UUID(params["alert"]))
    if row is not None and row.resolved_at is not None:
        return _(STATES[State.ENDED])
    helpers = await queries.helpers(tx, person_id, [row.id]) if row is not None else ()
    given = next((one.answer for one in helpers if str(one.id) == params.get("helper")), None)
    return _(ANSWERS[Answer(given)]) if given and f"emergency.{given}" in actions else None


for _kind in (CALLED, MORE, THANKS, NOBODY):
    notifications.answered_by(_kind)(partial(_answered, _kind.actions))


@notifications.kind("emergency.over", topic=Topic.EMERGENCY, scope="emergency")
def OVER(params: Params) -> Said:  # noqa: N802
    """It ended: to everybody who was told."""
    name, by, time = _name(params), params["by"] or _("Ojas"), _time(params["at"])
    if params["outcome"] == Outcome.FALSE_ALARM:
        text = _("{by} said at {time} that it was a false alarm. Nothing is to be done.", by=by, time=time)
        return _said(params, _("False alarm: {name} is all right", name=name), text)
    text = _("{by} said at {time} that help came or is no longer needed. Thank you.", by=by, time=time)
    return _said(params, _("It is over: {name}", name=name), text)


@notifications.kind(
    "emergency.named", topic=Topic.EMERGENCY, scope="emergency", actions=("emergency.not_me",), readers=True
)
def NAMED(params: Params) -> Said:  # noqa: N802
    """Somebody was named as a contact: to them, once, so that the alarm is no surprise."""
    name = params.get("name") or _("Somebody")
    text = _(
        "{name} has named you as an emergency contact. If {name} calls for help, Ojas writes to you here, with where"
        " {name} is, and asks whether you are on it. You need do nothing now.",
        name=name,
    )
    return _said(
        params,
        _("You are an emergency contact of {name}", name=name),
        text,
        _("Is this not for you? Then say so, and nothing more comes."),
        path=f"/p/{params['person']}/emergency",
    )


@notifications.kind("emergency.refused", topic=Topic.EMERGENCY, scope="emergency")
def REFUSED(params: Params) -> Said:  # noqa: N802
    """A contact said that it is not them: to the person."""
    text = _(
        "Whoever got the message to {contact} said that it is not for them. They are told nothing more. Look whether the"
        " number and the address are right.",
        contact=params["contact"],
    )
    back = _(
        "If they pressed it by mistake, they can take it back for a week, on the page that answered them."
    )
    path = f"/p/{params['person']}/emergency/contacts"
    return _said(params, _("An emergency contact cannot be reached"), text, back, path=path)


@notifications.kind("emergency.known", topic=Topic.EMERGENCY, scope="emergency")
def KNOWN(params: Params) -> Said:  # noqa: N802
    """A contact took back that it is not them: to the person."""
    text = _(
        "{contact} had said by mistake that the message was not for them. They are told again when help is called for.",
        contact=params["contact"],
    )
    path = f"/p/{params['person']}/emergency/contacts"
    return _said(params, _("An emergency contact can be reached again"), text, path=path)


@notifications.kind("emergency.card", topic=Topic.EMERGENCY, scope="emergency")
def OPENED(params: Params) -> Said:  # noqa: N802
    """The card was opened: to the person, and to those who look after them."""
    at = format_datetime(datetime.fromisoformat(params["at"]))
    text = _(
        "Somebody opened it at {at} by its code. If nobody needed help, give the card a new code.", at=at
    )
    title = _("The emergency card of {name} was opened", name=_name(params))
    return _said(params, title, text, path=f"/p/{params['person']}/emergency/card")
