"""Alarms in words, in the language in use: what is wrong, what to do, what a rule watches for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from ojas.features.alarms import queries
from ojas.features.alarms.rules import RULES, Severity, Sort
from ojas.features.alarms.service.answering import acknowledge, snooze
from ojas.features.measurements import service as measurements
from ojas.features.notifications import service as notifications
from ojas.features.notifications.rules import Channel, State, Topic
from ojas.features.notifications.schemas import DeliveryShown, Params, Said
from ojas.kit.db import Tx
from ojas.kit.i18n import N_, _, format_datetime, format_day, format_number, format_time, ngettext

Facts = Mapping[str, Any]
Units = measurements.Preferences


def title(rule: str, facts: Facts, units: Units) -> str:
    """What is wrong, with its value: Blood pressure: 192/118 mmHg."""
    sort = RULES[rule].sort
    if sort is Sort.VALUES and "numbers" in facts:
        return f"{_(measurements.CATALOGUE[facts['kind']].label)}: {value_text(facts, units)}"
    if sort is Sort.GAIN and "gain" in facts:
        gain = {"kind": "weight", "numbers": {"value": facts["gain"]}}
        return _("Weight: {gain} more", gain=value_text(gain, units))
    if sort is Sort.DEVICE and "source" in facts:
        return _("{device} is silent", device=facts["source"])
    return _(RULES[rule].title)


def says(rule: str, facts: Facts, units: Units) -> str:
    """The sentence below the title: the band or what else shows it, and when."""
    sort = RULES[rule].sort
    if sort is Sort.VALUES and "at" in facts:
        return _("{band}. {day}, {time}.", band=_shows(facts), **_when(facts["at"]))
    if sort is Sort.GAIN and "gain" in facts:
        weight = value_text(facts, units)
        return ngettext(
            "{weight}, against the least of the day before.",
            "{weight}, against the least of {n} days.",
            facts["days"],
            weight=weight,
        )
    if sort is Sort.MISSED and "doses" in facts:
        return ngettext(
            "{n} dose went by without an answer.",
            "{n} doses in a row went by without an answer.",
            facts["doses"],
        )
    if "since" in facts:
        n = facts["days"]
        last = format_day(datetime.fromisoformat(facts["since"]))
        if sort is Sort.DEVICE:
            return ngettext(
                "Nothing came for {n} day. Last: {last}.",
                "Nothing came for {n} days. Last: {last}.",
                n,
                last=last,
            )
        return ngettext(
            "Nothing was measured for {n} day. Last: {last}.",
            "Nothing was measured for {n} days. Last: {last}.",
            n,
            last=last,
        )
    return ""


def _shows(facts: Facts) -> str:
    if "own" in facts:
        return _("Beyond the limit that was set")
    band = str(facts.get("band", ""))
    return _(band) if band else _("Out of range")


def _when(at: str) -> dict[str, str]:
    instant = datetime.fromisoformat(at)
    return {"day": format_day(instant), "time": format_time(instant)}


_NOW = N_(
    "Rest five minutes, sitting, and measure again. With chest pain, trouble breathing, weakness on one side or "
    "confusion, call for help at once."
)
_SUGAR = N_(
    "Awake and able to swallow: 15 g of sugar now, such as half a glass of juice or three glucose tablets. "
    "Measure again in 15 minutes."
)
_TODAY = N_("Talk to the care team about it today.")
_WEIGHT = N_("Fast weight gain can be water. Call the care team today, and at once if breathing is hard.")
_MISSED = N_("Never double a dose. The page of medicines says what is due now.")
_MEASURE = N_("Measure soon, so that nothing goes unseen.")
_DEVICE = N_("See whether it is charged, worn, and allowed to send.")


def advice(rule: str, severity: Severity, facts: Facts) -> str:
    """What to do now."""
    sort = RULES[rule].sort
    if sort is not Sort.VALUES:
        return _(
            {Sort.GAIN: _WEIGHT, Sort.MISSED: _MISSED, Sort.SILENCE: _MEASURE, Sort.DEVICE: _DEVICE}[sort]
        )
    if rule == "glucose" and "low" in str(facts.get("level", "")):
        return _(_SUGAR)
    return (
        _(_NOW)
        if severity.danger and rule in ("blood_pressure", "pulse", "oxygen", "breathing")
        else _(_TODAY)
    )


def standing_text(acknowledged: datetime | None, snoozed: datetime | None, ended: datetime | None) -> str:
    """What was said to an alarm, or nothing."""
    if ended:
        return _("Over since {when}.", when=format_datetime(ended))
    if acknowledged:
        return _("Known since {when}.", when=format_datetime(acknowledged))
    if snoozed:
        return _("Silent until {time}. It sounds again if it is still so.", time=format_time(snoozed))
    return ""


_WAYS = {
    Channel.IN_APP: N_("in Ojas"),
    Channel.PUSH: N_("as a notification"),
    Channel.EMAIL: N_("by e-mail"),
    Channel.SMS: N_("by SMS"),
    Channel.CALL: N_("by phone"),
    Channel.WEBHOOK: N_("by webhook"),
}


def reached(ways: Sequence[DeliveryShown]) -> str:
    """By which ways a message went, and by which it did not get through."""
    went = [_(_WAYS[way.channel]) for way in ways if way.state is State.HANDED]
    lost = [_(_WAYS[way.channel]) for way in ways if way.state in (State.REFUSED, State.DEAD)]
    parts = [", ".join(went)] if went else []
    if lost:
        parts.append(_("not {ways}", ways=", ".join(lost)))
    return "; ".join(parts)


def value_text(facts: Facts, units: Units) -> str:
    kind = measurements.CATALOGUE[facts["kind"]]
    unit = measurements.unit_for(kind.main, units)
    texts = [
        measurements.number_text(part, Decimal(facts["numbers"][part.name]), unit)
        for part in kind.parts
        if part.required and part.name in facts["numbers"]
    ]
    return f"{'/'.join(texts)} {measurements.unit_text(kind, unit)}".strip()


@notifications.action("alarms.acknowledge", label=N_("I have seen it"))
async def SEEN(tx: Tx, person_id: UUID, by: UUID | None, params: Params) -> str:  # noqa: N802  # an action, once it is declared
    await acknowledge(tx, person_id, UUID(params["alarm"]))
    return _("Noted. Nobody else is called, unless it gets worse.")


@notifications.action("alarms.snooze", label=N_("In an hour"))
async def SNOOZE(tx: Tx, person_id: UUID, by: UUID | None, params: Params) -> str:  # noqa: N802
    await snooze(tx, person_id, UUID(params["alarm"]), _HOUR)
    return _("Silent for a while. It sounds again if it is still so, and at once if it gets worse.")


_HOUR = 60
_ANSWERS = ("alarms.acknowledge", "alarms.snooze")


@notifications.kind("alarms.alarm", topic=Topic.HEALTH, scope="alarms", actions=_ANSWERS)
def ALARM(params: Params) -> Said:  # noqa: N802  # a kind, once it is declared
    """To the person. The title names nothing: it may stand on a locked screen."""
    severity, rule, facts = Severity(params["severity"]), params["rule"], params["facts"]
    head = _("Something needs your attention now") if severity.danger else _("Something to look at")
    text = f"{title(rule, facts, {})}. {says(rule, facts, {})} {advice(rule, severity, facts)}"
    return Said(head, text, f"/p/{params['person']}/alarms/{params['alarm']}")


@notifications.kind("alarms.unanswered", topic=Topic.HEALTH, scope="alarms", actions=_ANSWERS)
def UNANSWERED(params: Params) -> Said:  # noqa: N802
    """To who looks after them."""
    severity, rule, facts = Severity(params["severity"]), params["rule"], params["facts"]
    name = params["name"] or _("Somebody you look after")
    head = _("{name} may need help", name=name) if severity.danger else _("About {name}", name=name)
    told = {"name": name, "what": title(rule, facts, {}), "says": says(rule, facts, {})}
    path = f"/p/{params['person']}/alarms/{params['alarm']}"
    if params["first"]:  # of somebody without an account: nobody was to answer before
        return Said(
            head, _("{name}: {what}. {says} {advice}", **told, advice=advice(rule, severity, facts)), path
        )
    text = _(
        "{name}: {what}. {says} Nobody has answered since {since}. Ask how they are.",
        **told,
        since=format_datetime(datetime.fromisoformat(params["since"])),
    )
    return Said(head, text, path)


@notifications.answered_by(ALARM, UNANSWERED)
async def answered(tx: Tx, person_id: UUID, params: Params) -> str | None:
    """Whoever answered it, and wherever."""
    row = await queries.alarm(tx, person_id, UUID(params["alarm"]))
    if row is None or not (row.ended_at or row.acknowledged_at):
        return None
    return _("Over") if row.ended_at else _(SEEN.label)


def amount_text(rule: str, amount: Decimal, units: Units) -> str:
    """What a rule watches for, where it counts something."""
    sort, n = RULES[rule].sort, int(amount)
    if sort is Sort.GAIN:
        gain = value_text({"kind": "weight", "numbers": {"value": str(amount)}}, units)
        days = RULES[rule].days
        return ngettext(
            "When the weight goes up by {gain} or more in a day.",
            "When the weight goes up by {gain} or more in {n} days.",
            days,
            gain=gain,
        )
    if sort is Sort.MISSED:
        return ngettext(
            "When {n} dose goes by without an answer.",
            "When {n} doses in a row go by without an answer.",
            n,
        )
    if sort is Sort.SILENCE:
        return ngettext(
            "When nothing was measured for {n} day, of what is measured by habit.",
            "When nothing was measured for {n} days, of what is measured by habit.",
            n,
        )
    return ngettext(
        "When a device that used to send is silent for {n} day.",
        "When a device that used to send is silent for {n} days.",
        n,
    )


_LINES = {
    ("high", True): N_("When {what} is {limit} or more."),
    ("high", False): N_("When {what} is above {limit}."),
    ("low", True): N_("When {what} is {limit} or less."),
    ("low", False): N_("When {what} is below {limit}."),
}


_WHAT = {
    ("blood_pressure", "systolic"): N_("the upper blood pressure"),
    ("blood_pressure", "diastolic"): N_("the lower blood pressure"),
    ("resting_heart_rate", "value"): N_("the pulse at rest"),
    ("oxygen_saturation", "value"): N_("the oxygen in the blood"),
    ("respiratory_rate", "value"): N_("the breathing rate"),
    ("temperature", "value"): N_("the temperature"),
    ("blood_glucose", "value"): N_("the blood sugar"),
}


def line_text(kind: str, part: str, side: str, limit: Decimal, *, inclusive: bool, units: Units) -> str:
    """From where on something is an alarm: Tell me when the upper blood pressure is 180 or more."""
    of = measurements.CATALOGUE[kind]
    numbered = of.part(part) or of.main
    unit = measurements.unit_for(of.main, units)
    number = measurements.number_text(numbered, limit, unit)
    what = _(_WHAT.get((kind, numbered.name), of.label))
    return _(_LINES[side, inclusive], what=what, limit=f"{number} {measurements.unit_text(of, unit)}".strip())


def number(amount: Decimal) -> str:
    return format_number(amount, 1 if amount != int(amount) else 0)
