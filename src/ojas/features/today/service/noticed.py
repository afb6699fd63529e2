"""What changed over the last month, in a sentence each. Told, not judged: whether up is good, the band says."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from ojas.features.measurements import service as measurements
from ojas.features.today.rules import Change, Daily, change
from ojas.features.today.service.amounts import DEVICES
from ojas.kit.i18n import _, format_date

KINDS = ("resting_heart_rate", "blood_pressure", "weight")
DEVICE_KINDS = ("steps", "sleep")
ENOUGH = 14
"""Days that must be known, before a change is worth a word."""
MOST = 3


def noticed(
    preferences: measurements.Preferences,
    lines: Mapping[str, Sequence[measurements.Point]],
    devices: Mapping[str, Sequence[Daily]],
) -> list[str]:
    """The sentences, at most three. Costs no question: the tiles have asked already."""
    found = [_of_readings(kind, lines.get(kind, ()), preferences) for kind in KINDS]
    # Today is not over, and would always look like less.
    found += [_of_device(name, devices.get(name, ())[:-1]) for name in DEVICE_KINDS]
    return [sentence for sentence in found if sentence][:MOST]


def _of_readings(
    name: str, points: Sequence[measurements.Point], preferences: measurements.Preferences
) -> str | None:
    kind = measurements.CATALOGUE[name]
    part = kind.parts[0]
    known = [(point.at, point.mean[part.name]) for point in points if part.name in point.mean]
    moved = change([value for _at, value in known])
    if len(known) < ENOUGH or moved is None:
        return None
    unit = measurements.unit_for(part, preferences)
    amount = measurements.number_text(part, abs(moved.by), unit)
    what = f"{_(kind.label)}, {_(part.label)}" if part.label else _(kind.label)
    return _sentence(what, f"{amount} {measurements.unit_text(kind, unit)}", moved, known[0][0])


def _of_device(name: str, days: Sequence[Daily]) -> str | None:
    moved = change([one.value for one in days])
    if len(days) < ENOUGH or moved is None:
        return None
    return _sentence(DEVICES[name].title, DEVICES[name].text(abs(moved.by)), moved, days[0].day)


def _sentence(what: str, amount: str, moved: Change, since: datetime | date) -> str | None:
    if moved.steady:
        return None
    words = {"what": what, "amount": amount, "when": format_date(since)}
    return (
        _("{what}: {amount} more than on {when}.", **words)
        if moved.by > 0
        else _("{what}: {amount} less than on {when}.", **words)
    )
