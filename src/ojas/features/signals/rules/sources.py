"""Who sent it, and whom to believe where several did. Two sources are never added up: a phone in the pocket and a watch on
the wrist count the same steps."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ojas.features.signals.rules.kinds import ASLEEP, STAGES, Kind, Rule, Stage
from ojas.features.signals.rules.samples import HOUR, MINUTE, Flags, Ints, Samples, stacked
from ojas.kit.i18n import N_

Floats: TypeAlias = NDArray[np.float64]


class SourceClass(StrEnum):
    """What sort of thing sends, best first: the order in which they are believed unless the person says otherwise."""

    CHEST = "chest_strap"
    WATCH = "watch"
    BAND = "band"
    RING = "ring"
    SENSOR = "sensor"
    PHONE = "phone"
    APP = "app"
    OTHER = "other"


CLASS_TITLES = {
    SourceClass.CHEST: N_("Chest strap"),
    SourceClass.WATCH: N_("Watch"),
    SourceClass.BAND: N_("Band"),
    SourceClass.RING: N_("Ring"),
    SourceClass.SENSOR: N_("Sensor"),
    SourceClass.PHONE: N_("Phone"),
    SourceClass.APP: N_("App"),
    SourceClass.OTHER: N_("Other device"),
}

RANKS = {sort: rank for rank, sort in enumerate(SourceClass)}

_SIGNS = (
    (SourceClass.CHEST, r"\b(h9|h10|tickr|hrm|chest)\b"),
    (
        SourceClass.WATCH,
        r"watch|\b(fenix|forerunner|versa|sense|vantage|pacer|ignite|suunto|coros|amazfit|venu)\b",
    ),
    (SourceClass.RING, r"\b(oura|ring)\b"),
    (SourceClass.BAND, r"\b(band|whoop|charge|inspire|vivosmart|loop)\b"),
    (SourceClass.SENSOR, r"\b(libre|dexcom|sensor|oximeter|cgm)\b"),
    (SourceClass.PHONE, r"phone|\b(pixel|galaxy|android|ipad)\b"),
)
_ADDRESS = re.compile(r"<<?HKDevice: 0x[0-9a-f]+>?,?\s*|[<>]", re.IGNORECASE)
GAP = HOUR
"""Silence that ends a night."""


@dataclass(frozen=True, slots=True)
class Blend:
    """Samples of several sources as one, by start; ``share`` is how much of each counts (None: all of it)."""

    samples: Samples
    share: Floats | None = None

    @property
    def amounts(self) -> Floats:
        """Values in the kind's steps, less what a better source covers."""
        values = self.samples.value.astype(np.float64)
        return values if self.share is None else values * self.share


def classify(*signs: str | None) -> SourceClass:
    """The sort of a source, guessed from names, models and makers as vendors write them."""
    text = " ".join(sign for sign in signs if sign).casefold()
    return next(
        (sort for sort, sign in _SIGNS if re.search(sign, text)),
        SourceClass.APP if text else SourceClass.OTHER,
    )


def settled(name: str) -> str:
    """A device's description without the object address that HealthKit writes anew at every export."""
    return " ".join(_ADDRESS.sub("", name).split())


def blend(kind: Kind, parts: Sequence[Samples]) -> Blend:
    """One series out of ``parts``, the samples of each source, best source first.

    By the minute: where a better source has anything, a lesser one has nothing. An amount that reaches over several minutes
    keeps the share of its time that no better source covers. Sleep is taken from one source a night: the best of those
    that tell stages, else the best.
    """
    some = [part for part in parts if len(part)]
    if len(some) < 2:
        return Blend(some[0] if some else Samples.none())
    if kind.rule is Rule.DURATION:
        return Blend(stacked(_by_night(some)))
    if kind.rule is Rule.SUM:
        return _by_share(some)
    return Blend(stacked(_by_minute(some)))


def _by_minute(parts: Sequence[Samples]) -> list[Samples]:
    kept: list[Samples] = []
    taken = np.empty(0, np.int64)
    for part in parts:
        minutes = part.ends // MINUTE
        free = part.take(~np.isin(minutes, taken))
        kept.append(free)
        taken = np.union1d(taken, minutes)
    return kept


def _by_share(parts: Sequence[Samples]) -> Blend:
    low = min(part.first for part in parts) // MINUTE
    size = max(part.last for part in parts) // MINUTE - low + 2
    covered = np.zeros(size, np.bool_)
    kept: list[Samples] = []
    shares: list[Floats] = []
    for part in parts:
        share = _uncovered(part, covered, low)
        kept.append(part.take(share > 0))
        shares.append(share[share > 0])
        covered |= _coverage(part, low, size)
    together = np.argsort(np.concatenate([part.start for part in kept]), kind="stable")
    return Blend(stacked(kept), np.concatenate(shares)[together])


def _coverage(part: Samples, low: int, size: int) -> Flags:
    """Minutes that any of the samples touches."""
    steps = np.zeros(size + 1, np.int64)
    first = part.start // MINUTE - low
    np.add.at(steps, first, 1)
    np.add.at(steps, np.maximum(-(-part.ends // MINUTE) - low, first + 1), -1)
    return np.cumsum(steps)[:-1] > 0


def _uncovered(part: Samples, covered: Flags, low: int) -> Floats:
    """How much of each sample's time lies in minutes not covered, 0 to 1."""
    free = np.concatenate([[0], np.cumsum(~covered)]) * MINUTE

    def until(at: Ints) -> Ints:
        minute = at // MINUTE - low
        passed: Ints = free[minute] + (at - (minute + low) * MINUTE) * ~covered[minute]
        return passed

    length = part.ends - part.start
    at_once = ~covered[part.start // MINUTE - low]
    share = (until(part.ends) - until(part.start)) / np.maximum(length, 1)
    return np.where(length > 0, share, at_once.astype(np.float64))


def nights(samples: Samples) -> Ints:
    """For each sample the number of the night it belongs to: silence longer than ``GAP`` begins another."""
    reached = np.maximum.accumulate(samples.ends)
    return np.concatenate([[0], np.cumsum(samples.start[1:] > reached[:-1] + GAP)])


def _by_night(parts: Sequence[Samples]) -> list[Samples]:
    together = stacked(parts)
    night = nights(together)
    starts = together.start[np.concatenate([[True], night[1:] != night[:-1]])]
    places = [np.searchsorted(starts, part.start, side="right") - 1 for part in parts]
    worth = np.stack([_detail(part, place, len(starts)) for part, place in zip(parts, places, strict=True)])
    best = worth.argmax(axis=0)  # the first of equals: the better source
    return [part.take(best[place] == i) for i, (part, place) in enumerate(zip(parts, places, strict=True))]


def _detail(part: Samples, place: Ints, nights: int) -> Ints:
    """What a source tells of each night: 0 nothing, 1 being in bed, 2 sleep, 3 its stages."""
    asleep = [STAGES[stage] for stage in ASLEEP]
    staged = [code for code in asleep if code != STAGES[Stage.ASLEEP]]
    told = 1 + np.isin(part.value, asleep).astype(np.int64) + np.isin(part.value, staged)
    detail = np.zeros(nights, np.int64)
    np.maximum.at(detail, place, told)
    return detail
