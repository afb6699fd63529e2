"""Dates as spans, references taken apart, narratives made harmless, refusals as FHIR says them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ojas.kit.errors import Fault, Incorrect, NotFound, TooMany
from ojas.kit.fhir import dates, narrative, references, validation
from ojas.kit.fhir.outcome import outcome
from ojas.kit.i18n import Manner, use

KOLKATA = ZoneInfo("Asia/Kolkata")


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "lower", "upper"),
    [
        ("2026", at(2025, 12, 31, 18, 30), at(2026, 12, 31, 18, 30)),
        ("2024-02", at(2024, 1, 31, 18, 30), at(2024, 2, 29, 18, 30)),
        ("2026-03-01", at(2026, 2, 28, 18, 30), at(2026, 3, 1, 18, 30)),
        ("2026-03-01T08:00:00+05:30", at(2026, 3, 1, 2, 30), at(2026, 3, 1, 2, 30, 1)),
        ("2026-03-01T08:00:00Z", at(2026, 3, 1, 8), at(2026, 3, 1, 8, 0, 1)),
        ("2026-03-01T08:00:00.5Z", at(2026, 3, 1, 8, 0, 0, 500_000), at(2026, 3, 1, 8, 0, 0, 500_001)),
        ("2016-12-31T23:59:60Z", at(2016, 12, 31, 23, 59, 59, 999_999), at(2017, 1, 1)),
    ],
)
def test_a_date_is_the_span_it_means(written, lower, upper):
    moment = dates.parse(written, KOLKATA)
    assert (moment.lower, moment.upper, moment.zoned) == (lower, upper, True)


def test_a_day_of_no_place_holds_that_day_everywhere():
    moment = dates.parse("2026-03-01")
    assert not moment.zoned
    for name in ("Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kolkata"):
        there = dates.parse("2026-03-01", ZoneInfo(name))
        assert moment.lower <= there.lower < there.upper <= moment.upper


def test_a_day_of_the_change_of_clocks_is_as_long_as_it_is():
    berlin = ZoneInfo("Europe/Berlin")
    spring, autumn = dates.parse("2026-03-29", berlin), dates.parse("2026-10-25", berlin)
    assert spring.upper - spring.lower == timedelta(hours=23)
    assert autumn.upper - autumn.lower == timedelta(hours=25)


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_lies_in_its_own_span(instant):
    moment = dates.parse(instant.isoformat().replace("+00:00", "Z"))
    assert moment.lower <= instant < moment.upper


@given(st.dates(date(1, 1, 2), date(9999, 12, 29)))
def test_days_follow_each_other_without_a_gap(day):
    one = dates.parse(day.isoformat(), UTC)
    assert one.upper == dates.parse((day + timedelta(days=1)).isoformat(), UTC).lower
    assert one.date == day


@pytest.mark.parametrize(
    "written",
    ["", "26", "2026-3-1", "2026-02-30", "0000", "2026-01-01T08:00Z", "2026-01-01T08:00:00", "now", "٢٠٢٦"],
)
def test_what_is_no_date_is_refused(written):
    with pytest.raises(Incorrect):
        dates.parse(written)


@pytest.mark.parametrize(
    ("written", "kind", "type_", "id_", "version"),
    [
        ("#med1", "contained", None, "med1", None),
        ("Patient/7", "relative", "Patient", "7", None),
        ("Patient/7/_history/2", "relative", "Patient", "7", "2"),
        ("https://a.example/fhir/r4/Patient/7", "absolute", "Patient", "7", None),
        ("urn:uuid:0c3151bd", "urn", None, "urn:uuid:0c3151bd", None),
        ("Patient?identifier=x|y", "conditional", "Patient", "identifier=x|y", None),
        ("Unicorn/7", "other", None, "Unicorn/7", None),
        ("https://a.example/page", "other", None, "https://a.example/page", None),
    ],
)
def test_a_reference_is_taken_apart(written, kind, type_, id_, version):
    found = references.parse(written)
    assert (found.kind, found.type, found.id, found.version) == (kind, type_, id_, version)


def patient(div):
    return {"resourceType": "Patient", "text": {"status": "generated", "div": div}}


XHTML = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'


@pytest.mark.parametrize(
    "inner",
    [
        "<p>Asha&nbsp;Rao</p>",
        "<!-- seen --><b>ok</b>",
        '<a href="https://x">y</a>',
        '<img src="#pic" alt="x"/>',
        "<p style='color:red'>5 &lt; 6</p>",
    ],
)
def test_quiet_narratives_are_valid(inner):
    assert validation.faults(patient(XHTML.format(inner))) == []


@pytest.mark.parametrize(
    "div",
    [
        XHTML.format("<script>alert(1)</script>"),
        XHTML.format('<p onclick="x()">x</p>'),
        XHTML.format('<a href=" javascript:x()">x</a>'),
        XHTML.format('<a href="data:text/html,x">x</a>'),
        XHTML.format("<iframe src='https://x'>x</iframe>"),
        XHTML.format('<svg xmlns="http://www.w3.org/2000/svg">x</svg>'),
        XHTML.format("   "),
        XHTML.format("<p>open"),
        "plain text",
        "<p xmlns='http://www.w3.org/1999/xhtml'>x</p>",
        '<!DOCTYPE div [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + XHTML.format("&b;"),
        "<?php x ?>" + XHTML.format("x"),
    ],
)
def test_loud_or_broken_narratives_are_refused(div):
    assert [fault.field for fault in validation.faults(patient(div))] == ["Patient.text.div"]


def test_the_words_of_a_narrative_are_plain():
    assert narrative.words(XHTML.format("<h2>Asha</h2>\n <p>Rao&nbsp;<b>67</b></p>")) == "Asha Rao 67"
    assert narrative.words("<p>") == ""


def test_a_refusal_is_an_outcome_that_is_itself_valid():
    refusal = Incorrect(
        "This is not right.", faults=[Fault("This is missing.", "Patient.name"), Fault("This is not right.")]
    )
    said = outcome(refusal)
    assert validation.faults(said) == []
    assert [issue.get("expression") for issue in said["issue"]] == [["Patient.name"], None]
    assert {issue["code"] for issue in said["issue"]} == {"invalid"}
    assert outcome(NotFound("x"))["issue"][0]["code"] == "not-found"
    assert outcome(TooMany("x"))["issue"][0]["code"] == "throttled"


def test_an_outcome_speaks_the_language_of_its_reader():
    with use(Manner(language="ta")):
        issue = outcome(Incorrect("This is not JSON text in UTF-8."))["issue"][0]
    assert any("\u0b80" <= letter <= "\u0bff" for letter in issue["details"]["text"])
