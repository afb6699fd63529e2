"""What a calendar offers to choose from, and what its words decide."""

from ojas.features.calendar.rules.terms import CATEGORIES, COLOURS, OF_APPOINTMENTS, OVER, Status


def test_a_category_and_a_colour_keep_the_name_that_events_have_of_them() -> None:
    assert set(CATEGORIES) == {"health", "exercise", "meal", "rest", "family", "work", "travel", "other"}
    assert set(COLOURS) == {"#0e6a55", "#4a58a5", "#8a3a6b", "#b3261e", "#8f5410", "#4f6372"}


def test_every_colour_is_read_on_paper() -> None:
    """White letters on it have the contrast of 4.5 that WCAG 2.2 asks of text (1.4.3)."""
    for colour in COLOURS:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        luminance = sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
        assert 1.05 / (luminance + 0.05) >= 4.5, colour


def test_only_an_appointment_is_confirmed_or_missed_and_of_what_is_over_nobody_is_reminded() -> None:
    assert {Status.CONFIRMED, Status.NO_SHOW} == OF_APPOINTMENTS
    assert {Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW} == OVER
