"""A week by the hour: days as columns, a row each quarter of an hour, what overlaps side by side.

It is a table, so that it is read aloud and needs no script. Two or three at once share a day's width evenly, for which
each day has as many columns as that needs; where more come at once, the third place says how many more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import lcm

from ojas.features.calendar.pages.showing import Shown
from ojas.features.calendar.schemas import Occurrence
from ojas.kit import i18n

MOST = 3
_QUARTER = timedelta(minutes=15)
_DAY = 96
_LEAST = 2
"""Quarters: what is shorter could not be read."""
_MORNING, _EVENING = 7, 21
"""Hours that are always there; earlier and later ones where something lies in them."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of a day, from quarter ``row`` on. It is one thing, ``more`` things, or free; ``at``: something may be added."""

    row: int
    rows: int
    column: int
    columns: int
    one: Occurrence | None = None
    more: int = 0
    at: time | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """``rows`` hold the cells that begin in each quarter of the hours shown, day by day; ``whole`` what takes a whole day.

    ``wide``: columns of each day.
    """

    wide: int
    first: int
    last: int
    rows: Sequence[Sequence[tuple[int, Cell]]]
    whole: Sequence[Sequence[Occurrence]]

    @property
    def hours(self) -> int:
        return self.last - self.first

    def passed(self, now: datetime) -> float | None:
        """How far down an instant of today is, of all that is shown, in percent."""
        wall = i18n.local(now)
        share = (wall.hour - self.first + wall.minute / 60) / self.hours
        return round(share * 100, 2) if 0 <= share <= 1 else None


Piece = tuple[int, int, Occurrence]
"""From which quarter of the day to which one lies."""


def grid(days: Sequence[Shown]) -> Grid:
    """The days side by side, from the first hour of which something is to be seen to the last."""
    timed: list[list[Piece]] = []
    whole: list[list[Occurrence]] = []
    for day in days:
        pieces = [(*_quarters(one, day.day), one) for one in day.things if not one.all_day]
        timed.append([piece for piece in pieces if piece[1] - piece[0] < _DAY])
        long = [one for begin, end, one in pieces if end - begin >= _DAY]
        whole.append([*(one for one in day.things if one.all_day), *long])
    found = [piece for pieces in timed for piece in pieces]
    groups = [list(_groups(pieces)) for pieces in timed]
    wide = lcm(*(min(len(_lanes(group)), MOST) for several in groups for group in several))
    first = min([_MORNING, *(begin // 4 for begin, _end, _one in found)])
    last = max([_EVENING, *(-(-end // 4) for _begin, end, _one in found)])
    rows: list[list[tuple[int, Cell]]] = [[] for _ in range(4 * (last - first))]
    for number, several in enumerate(groups):
        cells = _cells(several, wide, 4 * first, 4 * last)
        for cell in sorted(cells, key=lambda cell: (cell.row, cell.column)):
            rows[cell.row - 4 * first].append((number, cell))
    return Grid(wide, first, last, rows, whole)


def _quarters(one: Occurrence, day: date) -> tuple[int, int]:
    """The part of it that lies in a day, by the wall clock."""
    midnight = datetime.combine(day, time(), UTC)
    begin, end = (i18n.local(at).replace(tzinfo=UTC) - midnight for at in (one.begins, one.ends))
    first = max(0, begin // _QUARTER)
    last = min(_DAY, -(-end // _QUARTER))
    first = min(first, _DAY - _LEAST)
    return first, max(last, first + _LEAST)


def _cells(groups: list[list[Piece]], wide: int, since: int, until: int) -> Iterator[Cell]:
    """All of a day, without a gap."""
    at = since
    for group in groups:
        begin, end = group[0][0], max(piece[1] for piece in group)
        yield from _free(at, begin, wide)
        yield from _side_by_side(group, wide, begin, end)
        at = end
    yield from _free(at, until, wide)


def _groups(pieces: list[Piece]) -> Iterator[list[Piece]]:
    """Those that touch one another, each group by itself."""
    group: list[Piece] = []
    for piece in sorted(pieces, key=lambda piece: (piece[0], -piece[1], piece[2].title)):
        if group and piece[0] >= max(each[1] for each in group):
            yield group
            group = []
        group.append(piece)
    if group:
        yield group


def _lanes(group: list[Piece]) -> list[list[Piece]]:
    """The fewest in which none lies over another."""
    lanes: list[list[Piece]] = []
    for piece in group:
        lane = next((lane for lane in lanes if lane[-1][1] <= piece[0]), None)
        if lane is None:
            lanes.append(lane := [])
        lane.append(piece)
    return lanes


def _side_by_side(group: list[Piece], wide: int, begin: int, end: int) -> Iterator[Cell]:
    lanes = _lanes(group)
    shown = lanes if len(lanes) <= MOST else lanes[: MOST - 1]
    columns = wide // min(len(lanes), MOST)
    for number, lane in enumerate(shown):
        at, column = begin, number * columns
        for first, last, one in lane:
            yield from _gap(at, first, column, columns)
            yield Cell(first, last - first, column, columns, one)
            at = last
        yield from _gap(at, end, column, columns)
    if len(shown) < len(lanes):
        more = sum(len(lane) for lane in lanes[len(shown) :])
        yield Cell(begin, end - begin, wide - columns, columns, more=more)


def _gap(begin: int, end: int, column: int, columns: int) -> Iterator[Cell]:
    if begin < end:
        yield Cell(begin, end - begin, column, columns)


def _free(begin: int, end: int, wide: int) -> Iterator[Cell]:
    """Hour by hour, where nothing lies."""
    while begin < end:
        over = min(end, begin // 4 * 4 + 4)
        yield Cell(begin, over - begin, 0, wide, at=time(begin // 4, begin % 4 * 15))
        begin = over
