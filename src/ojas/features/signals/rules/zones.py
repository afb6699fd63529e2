"""The person's own days: civil dates as their wrist had them, across daylight saving and travel."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from ojas.features.signals.rules.samples import DAY, HOUR, Ints

EPOCH = date(1970, 1, 1)
_EVER = -(1 << 60)


@dataclass(frozen=True, slots=True)
class Timeline:
    """In which zone the person was, from when on: instants in milliseconds since 1970 UTC with IANA names, in order.

    Before the first, the first one's zone holds.
    """

    moves: tuple[tuple[int, str], ...]

    @classmethod
    def at_home(cls, zone: str) -> "Timeline":
        return cls(((_EVER, zone),))

    def zone_at(self, instant: int) -> str:
        return self.moves[max(0, bisect_right([since for since, _ in self.moves], instant) - 1)][1]

    def moved(self, since: int, zone: str) -> "Timeline":
        """With the person in ``zone`` from ``since`` until their next move."""
        moves = {**dict(self.moves), since: zone}
        return Timeline(tuple(sorted(moves.items())))

    def visited(self, since: int, until: int | None, zone: str) -> "Timeline":
        """With the person in ``zone`` from ``since``, where nothing else is known to begin, to ``until`` or their next move;
        then what held before holds again. None: until their next move."""
        moves = dict(self.moves)
        if since in moves or self.zone_at(since) == zone:
            return self
        following = min((at for at in moves if at > since), default=None)
        if until is not None and (following is None or following > until):
            moves[until] = self.zone_at(until)
        return Timeline(tuple(sorted({**moves, since: zone}.items())))

    def offsets(self, start: int, end: int) -> list[tuple[int, int]]:
        """Distance of the wall clock from UTC in milliseconds, by the instant since when; the first is ``start``."""
        found: list[tuple[int, int]] = []
        bounds = [*(since for since, _ in self.moves[1:]), 1 << 60]
        since = _EVER
        for (_, zone), until in zip(self.moves, bounds, strict=True):
            low, high = max(start, since), min(end, until)
            if low < high:
                found += [
                    piece for piece in _changes(zone, low, high) if not found or piece[1] != found[-1][1]
                ]
            since = until
        return found

    def days(self, start: int, end: int) -> tuple[Ints, Ints]:
        """Pieces of [start, end) that lie on one local date each.

        Returns:
            Edges (k + 1 instants, ascending) and the date of each of the k pieces, in days since 1970. Flying west over
            midnight, or back over the date line, gives one date two pieces.
        """
        edges: list[int] = []
        dates: list[int] = []
        pieces = self.offsets(start, end)
        for (low, offset), high in zip(pieces, [at for at, _ in pieces[1:]] + [end], strict=True):
            first = (low + offset) // DAY
            midnights = [day * DAY - offset for day in range(first + 1, (high - 1 + offset) // DAY + 1)]
            edges += [low, *midnights]
            dates += [first + i for i in range(len(midnights) + 1)]
        return np.array([*edges, end], np.int64), np.array(dates, np.int64)

    def bounds(self, day: date) -> tuple[int, int]:
        """When a local date began and ended, first and last instant of it that was lived."""
        start, end = self.reach(day, day)
        edges, dates = self.days(start, end)
        on = np.flatnonzero(dates == number(day))
        return (int(edges[on[0]]), int(edges[on[-1] + 1])) if len(on) else (start, start)

    def reach(self, first: date, last: date) -> tuple[int, int]:
        """Instants that certainly hold all of the local dates ``first`` to ``last``."""
        return number(first) * DAY - 14 * HOUR, (number(last) + 1) * DAY + 12 * HOUR


def number(day: date) -> int:
    """Days since 1970."""
    return (day - EPOCH).days


def date_of(number: int) -> date:
    return EPOCH + timedelta(days=int(number))


def milliseconds(at: datetime) -> int:
    """Milliseconds since 1970 of an aware instant."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def instant(milliseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(milliseconds))


def _changes(zone: str, start: int, end: int) -> list[tuple[int, int]]:
    years = range(instant(start).year, instant(end).year + 1)
    known = [change for year in years for change in _year(zone, year)]
    before = [offset for at, offset in known if at <= start]
    return [(start, before[-1]), *((at, offset) for at, offset in known if start < at < end)]


@lru_cache(4096)
def _year(zone: str, year: int) -> tuple[tuple[int, int], ...]:
    """A zone's offset at the beginning of a UTC year, and each change within it, found by halving to the second."""
    where = ZoneInfo(zone)
    day = milliseconds(datetime(year, 1, 1, tzinfo=UTC))
    found = [(day, _offset(where, day))]
    while instant(day).year == year:
        if _offset(where, day + DAY) != found[-1][1]:
            at = _turn(where, day, day + DAY)
            found.append((at, _offset(where, at)))
        day += DAY
    return tuple(found)


def _turn(where: ZoneInfo, low: int, high: int) -> int:
    before = _offset(where, low)
    while high - low > 1000:
        middle = (low + high) // 2000 * 1000
        low, high = (middle, high) if _offset(where, middle) == before else (low, middle)
    return high


def _offset(where: ZoneInfo, at: int) -> int:
    offset = instant(at).astimezone(where).utcoffset()
    assert offset is not None
    return offset // timedelta(milliseconds=1)
