"""What templates say about alarms."""

from datetime import timedelta

from ojas.features.alarms.rules import CHANGES, RULES, SEVERITIES, WHYS, Change, Severity, Sort, silent_until
from ojas.features.alarms.schemas import AlarmShown, ChangeShown, RuleShown
from ojas.features.alarms.service import standing_text
from ojas.kit import clock
from ojas.kit.i18n import N_, _, format_datetime, ngettext

SNOOZES = (15, 60, 240)
SILENCES = (0, 1, 2, 6, 12, 24)
_TO = {
    "person": N_("told"),
    "caregivers": N_("told, as who looks after them"),
    "care_team": N_("told, as the care team"),
}
_AMOUNTS = {
    Sort.GAIN: N_("From a gain of"),
    Sort.MISSED: N_("Doses in a row"),
    Sort.SILENCE: N_("Days without a reading"),
    Sort.DEVICE: N_("Days of silence"),
}


def silences(alarm: AlarmShown) -> list[int]:
    """For how many minutes it may be silent: no more is offered than its severity bears."""
    now = clock.now()
    return [
        n
        for n in SNOOZES
        if silent_until(alarm.severity, now, timedelta(minutes=n)) == now + timedelta(minutes=n)
    ]


def severity(alarm: AlarmShown | ChangeShown) -> str:
    return _(SEVERITIES[alarm.severity])


def tone(alarm: AlarmShown) -> str:
    """Only danger is red, and only while it lasts."""
    return "bad" if alarm.severity.danger and alarm.ended_at is None else ""


def water(rule: RuleShown) -> str:
    """Why a rule for those who hold water is on, or off, by itself."""
    if rule.on:
        return _("On by itself: the record says heart failure, weak kidneys, or water in the body.")
    return _(
        "Off: with most people a quick gain is food and drink. It is on by itself where the record says heart failure,"
        " weak kidneys, or water in the body; or switch it on, if the care team asks for it."
    )


def below(alarm: AlarmShown) -> str:
    """The line below an alarm in a list."""
    return " · ".join(part for part in (severity(alarm), alarm.says, standing_text(alarm)) if part)


def change(one: ChangeShown, names: dict[str, str]) -> str:
    """A fact in words: what, and by whom."""
    by = names.get(str(one.account_id)) if one.account_id else None
    if one.change is Change.TOLD:
        return f"{by or _('Somebody')}: {_(_TO[one.to or 'person'])}"
    said = _(CHANGES[one.change])
    return f"{said}: {by}" if by else said


def more(one: ChangeShown) -> str:
    parts = [_(WHYS[one.why]) if one.why else "", one.note or ""]
    if one.change in (Change.RAISED, Change.RETURNED, Change.WORSENED, Change.EASED):
        parts.insert(0, severity(one))
    return " ".join(part for part in parts if part)


def minutes(n: int) -> str:
    return ngettext("{n} minute", "{n} minutes", n) if n < 60 else ngettext("{n} hour", "{n} hours", n // 60)


def hours(n: int) -> str:
    return _("It sounds at once") if n == 0 else ngettext("{n} hour", "{n} hours", n)


def who(rule: RuleShown) -> str:
    """Who is told, in words."""
    if not rule.on:
        return _("Off")
    told = [_("the person")]
    if rule.caregivers:
        told.append(_("who looks after them"))
    if rule.care_team:
        told.append(_("their care team"))
    return _("Told, one after the other: {who}.", who=", ".join(told))


def amount(rule: RuleShown) -> str:
    return _(_AMOUNTS[RULES[rule.rule].sort])


def set_at(rule: RuleShown) -> str:
    return _("Set on {when}", when=format_datetime(rule.updated_at)) if rule.updated_at else ""


__all__ = [
    "SILENCES",
    "Severity",
    "amount",
    "below",
    "change",
    "hours",
    "minutes",
    "more",
    "severity",
    "silences",
    "standing_text",
    "tone",
    "who",
]
