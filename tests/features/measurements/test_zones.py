"""Where a reading happened, by name or by offset."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from ojas.features.measurements.rules.zones import offset_of, tz_of
from ojas.kit.errors import Incorrect

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "minutes"),
    [
        ("UTC", 0),
        ("Asia/Kolkata", 330),
        ("+05:30", 330),
        ("-03:30", -210),
        ("+14:00", 840),
        ("-12:00", -720),
        ("+00:01", 1),
    ],
)
def test_a_zone_is_a_name_or_an_offset(zone: str, minutes: int) -> None:
    assert NOON.astimezone(tz_of(zone)).utcoffset() == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "zone", ["", "Mars/Olympus", "+14:01", "+15:00", "+05:60", "5:30", "../etc/passwd", "/etc", "\0"]
)
def test_what_is_no_zone_is_refused(zone: str) -> None:
    with pytest.raises(Incorrect, match="no time zone"):
        tz_of(zone)


def test_utc_is_itself() -> None:
    assert tz_of("UTC") is UTC
    assert isinstance(tz_of("Asia/Kolkata"), ZoneInfo)


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0, "+00:00"), (330, "+05:30"), (-210, "-03:30"), (-30, "-00:30"), (845, "+14:05"), (1, "+00:01")],
)
def test_an_offset_is_written_as_fhir_has_it(minutes: int, text: str) -> None:
    assert offset_of(NOON.astimezone(timezone(timedelta(minutes=minutes)))) == text


def test_a_time_without_a_zone_has_no_offset() -> None:
    assert offset_of(NOON.replace(tzinfo=None)) == "+00:00"
