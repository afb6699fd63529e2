"""Hours of the day as somebody's wall clock shows them."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from ojas.kit.errors import Incorrect

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours in which somebody is not to be disturbed; past midnight where ``end`` is before ``start``.

    Raises:
        Incorrect: they begin when they end, which would be none or all of the day.
    """

    start: time
    end: time

    def __post_init__(self) -> None:
        if self.start == self.end:
            raise Incorrect("Quiet hours must end at another time than they begin.", field="quiet_end")

    def holds(self, at: datetime, zone: tzinfo) -> bool:
        """Whether an instant lies in them: their first minute does, their end does not."""
        shown = at.astimezone(zone).time()
        if self.start < self.end:
            return self.start <= shown < self.end
        return shown >= self.start or shown < self.end

    def over(self, at: datetime, zone: tzinfo) -> datetime:
        """The first instant from ``at`` on that is not quiet, in UTC."""
        while self.holds(at, zone):  # twice where clocks go back over the end
            at = next_at(self.end, at, zone)
        return at.astimezone(UTC)


def next_at(shown: time, after: datetime, zone: tzinfo) -> datetime:
    """The first instant after ``after`` at which the wall clock in ``zone`` shows ``shown``, in UTC.

    On a day that skips this time, as much later as was skipped; where it comes twice, each counts.
    """
    day = after.astimezone(zone).date() - _DAY
    while True:
        for fold in (0, 1):
            at = datetime.combine(day, shown, zone).replace(fold=fold).astimezone(UTC)
            if at > after:
                return at
        day += _DAY
