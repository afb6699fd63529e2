"""A person's day: what "with breakfast", "at bedtime" and "three times a day" come to on the clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from ojas.features.medications.rules.patterns import MOST_SLOTS
from ojas.kit.errors import Incorrect

_ANY = date(2000, 1, 1)
_BEFORE = _AFTER = 30
"""Minutes from a meal, where "before" or "after" does not say how many."""


@dataclass(frozen=True, slots=True)
class Habits:
    """When somebody gets up, eats and goes to bed, in local wall time. Bedtime may lie after midnight."""

    wake: time = time(7)
    breakfast: time = time(8)
    lunch: time = time(13)
    dinner: time = time(19, 30)
    bedtime: time = time(22)

    @property
    def meals(self) -> tuple[time, time, time]:
        return self.breakfast, self.lunch, self.dinner


def times_of(codes: Iterable[str], habits: Habits, offset: int | None = None) -> tuple[time, ...]:
    """What codes of FHIR's EventTiming come to, each once; ``offset`` in minutes, before or after as the code says.

    Raises:
        Incorrect: FHIR knows no such code, with the field ``when``.
    """
    found: set[time] = set()
    for code in codes:
        if code not in _WHEN:
            raise Incorrect("This is not a time of day that FHIR knows.", field="when")
        names, sign, usual = _WHEN[code]
        for name in names:
            found.add(_moved(getattr(habits, name), usual if offset is None or not sign else sign * offset))
    return tuple(sorted(found))


def spread(count: int, habits: Habits) -> tuple[time, ...]:
    """``count`` times over the waking day: at meals and bedtime up to four, then evenly, in quarters of an hour.

    Raises:
        Incorrect: more than there can be, with the field ``frequency``.
    """
    if not 1 <= count <= MOST_SLOTS:
        raise Incorrect("At most {most} times a day.", field="frequency", most=MOST_SLOTS)
    usual = {
        1: (habits.breakfast,),
        2: (habits.breakfast, habits.dinner),
        3: habits.meals,
        4: (*habits.meals, habits.bedtime),
    }
    if count in usual and len(set(usual[count])) == count:
        return tuple(sorted(usual[count]))
    awake = _minutes(habits.bedtime) - _minutes(habits.wake)
    awake = awake if awake > 0 else awake + 24 * 60
    # Never so far apart that the last would be the first of the next day: who wakes at bedtime is up all day.
    step = max(min(awake / (count - 1), 24 * 60 / count), 15) if count > 1 else 0
    return tuple(sorted({_moved(habits.wake, round(n * step / 15) * 15) for n in range(count)}))


def _moved(at: time, minutes: int) -> time:
    return (datetime.combine(_ANY, at) + timedelta(minutes=minutes)).time()


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


# Of each code: what of the day it hangs on, whether an offset goes before (-1) or after (1) that, and the usual minutes.
# Codes: HL7's event-timing and v3-TimingEvent, R4; the minutes are ours, and to be shown as guessed.
_EATING = {"": ("breakfast", "lunch", "dinner"), "M": ("breakfast",), "D": ("lunch",), "V": ("dinner",)}
_WHEN: dict[str, tuple[tuple[str, ...], int, int]] = {
    "MORN": (("breakfast",), 1, 0),
    "MORN.early": (("wake",), 1, 0),
    "MORN.late": (("breakfast",), 1, 180),
    "NOON": (("lunch",), 1, 0),
    "AFT": (("lunch",), 1, 120),
    "AFT.early": (("lunch",), 1, 60),
    "AFT.late": (("lunch",), 1, 240),
    "EVE": (("dinner",), 1, 0),
    "EVE.early": (("dinner",), -1, -90),
    "EVE.late": (("dinner",), 1, 90),
    "NIGHT": (("bedtime",), 1, 0),
    "PHS": (("bedtime",), 1, 30),
    "HS": (("bedtime",), -1, 0),
    "WAKE": (("wake",), 1, 0),
    **{f"C{which}": (names, 0, 0) for which, names in _EATING.items()},
    **{f"AC{which}": (names, -1, -_BEFORE) for which, names in _EATING.items()},
    **{f"PC{which}": (names, 1, _AFTER) for which, names in _EATING.items()},
}
