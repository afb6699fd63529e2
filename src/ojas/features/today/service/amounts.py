"""What devices send, as people read it: so many steps, 7 h 10 min of sleep, a pulse of 71."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import starmap
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from ojas.features.signals import service as signals
from ojas.features.today.rules import Daily
from ojas.kit import clock, i18n
from ojas.kit.db import Tx
from ojas.kit.i18n import N_, _, format_number

Colour = Literal["heart", "sleep", "move", "glucose", "weight", "lab"]


@dataclass(frozen=True, slots=True)
class Device:
    """A kind of signal on the screen.

    Attributes:
        unit: message id of what stands beside the number. per: how the kept value becomes the shown one (seconds to hours).
        sums: whether a day is a total. same_as: the kind of measurement that is the same thing, entered by hand.
    """

    name: str
    colour: Colour
    icon: str
    unit: str
    digits: int = 0
    per: float = 1.0
    sums: bool = False
    same_as: str = ""

    @property
    def title(self) -> str:
        return _(signals.kind_of(self.name).title)

    def shown(self, value: float) -> float:
        """The kept value as a number to draw."""
        return value / self.per

    def text(self, value: float) -> str:
        """The kept value in words, with its unit: 7 h 10 min; 4,210 steps; 71 /min."""
        if self.name == "sleep":
            return " ".join(f"{number} {word}" for number, word in hours(value))
        return f"{self.number(value)} {_(self.unit)}".strip()

    def number(self, value: float) -> str:
        return format_number(self.shown(value), self.digits)


DEVICES: Mapping[str, Device] = {
    device.name: device
    for device in (
        Device("heart_rate", "heart", "heart-pulse", N_("/min"), same_as="heart_rate"),
        Device("steps", "move", "footprints", N_("steps"), sums=True, same_as="steps"),
        Device("sleep", "sleep", "moon", N_("h"), digits=1, per=3600, sums=True, same_as="sleep_duration"),
        Device("oxygen_saturation", "heart", "wind", "%", same_as="oxygen_saturation"),
        Device("hrv_sdnn", "heart", "activity", N_("ms")),
        Device("hrv_rmssd", "heart", "activity", N_("ms")),
        Device("respiratory_rate", "heart", "wind", N_("/min"), same_as="respiratory_rate"),
        Device("interstitial_glucose", "glucose", "droplet", "mg/dL"),
        Device("distance", "move", "footprints", N_("km"), digits=1, per=1000, sums=True, same_as="distance"),
        Device("active_energy", "move", "activity", "kcal", sums=True, same_as="active_energy"),
        Device("exercise_time", "move", "activity", N_("min"), sums=True, same_as="exercise_duration"),
        Device("floors", "move", "trending-up", N_("floors"), sums=True, same_as="floors"),
        Device("cycling_distance", "move", "activity", N_("km"), digits=1, per=1000, sums=True),
        Device("wrist_temperature", "heart", "thermometer", "°C", digits=1),
        Device("skin_temperature_deviation", "heart", "thermometer", "°C", digits=1),
    )
}


def hours(seconds: float) -> tuple[tuple[str, str], tuple[str, str]]:
    """A length of time in hours and minutes, with their words."""
    whole = round(seconds / 60)
    return (format_number(whole // 60), _("h")), (format_number(whole % 60), _("min"))


async def daily(
    tx: Tx, person_id: UUID, names: Sequence[str], first: date, last: date
) -> dict[str, list[Daily]]:
    """Of some devices by name the days that have data, in kept units: one question for all, however many."""
    found = await signals.amounts_of(tx, person_id, names, first, last) if names else {}
    return {name: list(starmap(Daily, amounts)) for name, amounts in found.items()}


def today() -> date:
    """By the reader's clock."""
    return i18n.local(clock.now()).date()


def noon(day: date) -> datetime:
    """The instant at which a day is drawn."""
    return _noon(day, i18n.current().zone)


@lru_cache(maxsize=8192)
def _noon(day: date, zone: str) -> datetime:
    # Four kinds of a year ask 1,460 times for the same 365.
    return datetime.combine(day, time(12), ZoneInfo(zone)).astimezone(UTC)


def row_of_days(days: Sequence[Daily], last: date, length: int) -> tuple[float | None, ...]:
    """One value a day up to ``last``, None where there is none."""
    known = {one.day: one.value for one in days}
    return tuple(known.get(last - timedelta(days=n)) for n in range(length - 1, -1, -1))
