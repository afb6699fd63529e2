"""The laws of calling: everybody who can be told is told, in order, and nobody once somebody is coming."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ojas.features.emergency.rules import calling, card, numbers
from ojas.features.emergency.rules.calling import AGAIN, LASTS, WAIT, Helper
from ojas.features.emergency.rules.terms import Answer, State

BEGUN = datetime(2027, 3, 1, 8, tzinfo=UTC)


@st.composite
def circles(draw: st.DrawFn) -> list[Helper]:
    """Some contacts, by priorities as people give them."""
    priorities = draw(st.lists(st.integers(1, 99), min_size=1, max_size=8))
    return [Helper(uuid4(), rank) for rank in calling.ranks(priorities)]


pauses = st.lists(st.integers(1, 3600).map(lambda s: timedelta(seconds=s)), min_size=1, max_size=40)
"""How long a worker looks away between looks."""


class Call:
    """A call as a worker runs it: looks when it looks, tells whom the rules name."""

    def __init__(self, helpers: list[Helper], *, once: bool = False) -> None:
        self.helpers = {helper.id: helper for helper in helpers}
        self.once, self.begun, self.now, self.said = once, BEGUN, BEGUN, 0
        self.log: list[tuple[datetime, Helper]] = []

    def look(self) -> None:
        everybody = list(self.helpers.values())
        at = calling.next_at(everybody, self.begun, self.said, once=self.once)
        if at is None or at > self.now:
            return
        due = calling.due(everybody, self.begun, self.said, self.now, once=self.once)
        assert due is not None, "what has its time is due"
        for helper in due.helpers:
            self.log.append((self.now, helper))
            self.helpers[helper.id] = replace(helper, told=helper.told + 1)
        self.said = due.number + 1

    def run(self, looks: list[timedelta]) -> None:
        self.look()
        for pause in looks:
            self.now += pause
            self.look()

    def answer(self, helper: Helper, given: Answer) -> None:
        self.helpers[helper.id] = replace(self.helpers[helper.id], answer=given)


@given(circles(), pauses)
def test_everybody_is_told_however_seldom_a_worker_looks(
    helpers: list[Helper], looks: list[timedelta]
) -> None:
    call = Call(helpers)
    call.run(looks)
    passed = call.now - BEGUN
    for helper in helpers:
        if helper.rank * WAIT <= passed:
            assert call.helpers[helper.id].told >= 1


@given(circles(), pauses)
def test_nobody_is_told_before_those_whose_turn_is_earlier(
    helpers: list[Helper], looks: list[timedelta]
) -> None:
    call = Call(helpers)
    call.run(looks)
    first: dict[int, datetime] = {}
    for at, helper in call.log:
        first.setdefault(helper.rank, at)
    assert list(first) == sorted(first), "ranks begin in order"
    for at, helper in call.log:
        assert at >= BEGUN + helper.rank * WAIT, "nobody before their turn"


@given(circles(), pauses)
def test_those_of_one_turn_are_told_together_and_as_often(
    helpers: list[Helper], looks: list[timedelta]
) -> None:
    call = Call(helpers)
    call.run(looks)
    for helper in helpers:
        mates = {call.helpers[one.id].told for one in helpers if one.rank == helper.rank}
        assert len(mates) == 1


@given(circles(), pauses, st.data())
def test_once_somebody_is_coming_nobody_is_called(
    helpers: list[Helper], looks: list[timedelta], data: st.DataObject
) -> None:
    call = Call(helpers)
    call.look()
    call.answer(data.draw(st.sampled_from(call.log))[1], Answer.COMING)
    before = len(call.log)
    call.run(looks)
    assert len(call.log) == before
    assert calling.state(list(call.helpers.values())) is State.COMING


@given(circles(), pauses, st.data())
def test_who_said_no_is_not_called_again_and_all_others_are(
    helpers: list[Helper], looks: list[timedelta], data: st.DataObject
) -> None:
    call = Call(helpers)
    call.look()
    refusing = data.draw(st.sampled_from(call.log))[1]
    call.answer(refusing, Answer.CANNOT)
    before = len(call.log)
    call.run([*looks, LASTS])
    assert refusing.id not in {helper.id for _at, helper in call.log[before:]}
    others = [one for one in call.helpers.values() if one.id != refusing.id]
    assert all(one.told for one in others)


@given(circles(), pauses)
def test_a_test_tells_each_once_and_ends(helpers: list[Helper], looks: list[timedelta]) -> None:
    call = Call(helpers, once=True)
    call.run([*looks, LASTS])
    assert {one.told for one in call.helpers.values()} == {1}
    assert calling.next_at(list(call.helpers.values()), call.begun, call.said, once=True) is None


@given(circles())
def test_a_call_nobody_answers_goes_round_for_a_day_and_no_longer(helpers: list[Helper]) -> None:
    call = Call(helpers)
    call.run([timedelta(minutes=1)] * (26 * 60))
    rounds = LASTS // AGAIN
    assert all(one.told == rounds + 1 for one in call.helpers.values())
    assert calling.next_at(list(call.helpers.values()), call.begun, call.said) is None


@given(st.none() | st.integers(0, 7200))
def test_a_test_is_looked_at_when_it_is_over_at_the_latest_and_a_call_when_somebody_is_to_be_told(
    seconds: int | None,
) -> None:
    at = None if seconds is None else BEGUN + timedelta(seconds=seconds)
    assert calling.look_at(at, BEGUN, test=False) == at
    over = BEGUN + timedelta(hours=1)
    assert calling.look_at(at, BEGUN, test=True) == (at if at and at < over else over)


def test_turns_come_two_minutes_apart_and_ten_minutes_after_the_last_all_are_told_again() -> None:
    """As the guide has it, minute by minute, with a worker that looks each."""
    call = Call([Helper(uuid4(), rank) for rank in (0, 1, 1, 2)])
    call.run([timedelta(minutes=1)] * 24)
    told: dict[int, list[int]] = {}
    for at, helper in call.log:
        told.setdefault((at - BEGUN) // timedelta(minutes=1), []).append(helper.rank)
    assert told == {0: [0], 2: [1, 1], 4: [2], 14: [0, 1, 1, 2], 24: [0, 1, 1, 2]}


def test_a_call_goes_round_for_a_day_and_a_test_once() -> None:
    helpers = [Helper(uuid4(), 0, told=1)]
    later = BEGUN + AGAIN
    again = calling.due(helpers, BEGUN, 1, later)
    assert again is not None
    assert again.helpers == tuple(helpers)
    assert calling.due(helpers, BEGUN, 1, later, once=True) is None
    last = calling.ladder(helpers)
    assert (last.again, last.times) == (timedelta(minutes=10), 144), "for a day"
    assert calling.ladder(helpers, once=True).times == 0


def test_pressing_within_a_minute_is_one_call_and_after_an_hour_another() -> None:
    """As the guide has it."""
    assert (timedelta(minutes=1), timedelta(hours=1)) == (calling.ONE_PRESS, calling.STALE)


@given(circles(), st.integers(0, 30), st.integers(0, 10**6))
def test_going_on_takes_up_the_ladder_where_it_was_left(
    helpers: list[Helper], said: int, seconds: int
) -> None:
    now = BEGUN + timedelta(seconds=seconds)
    begun = calling.begun_for(helpers, said, now)
    assert calling.next_at(helpers, begun, said) == now


def test_nobody_to_ask_and_nobody_who_can_come_are_no_call_that_runs() -> None:
    assert calling.state([]) is State.NOBODY
    assert calling.state([Helper(uuid4(), 0, 1, Answer.CANNOT)]) is State.NOBODY
    assert calling.next_at([], BEGUN, 0) is None
    assert calling.state([], ended=True) is State.ENDED


@pytest.mark.parametrize(
    ("written", "letters"),
    [
        ("IN", "IN"), ("india", "IN"), ("भारत", "IN"), ("இந்தியா", "IN"), ("United Kingdom", "GB"), ("uk", "GB"),
        (" Germany ", "DE"), ("Atlantis", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_a_country_is_known_by_its_name_in_every_language(written: str | None, letters: str | None) -> None:
    assert numbers.country_named(written) == letters


def test_a_part_of_the_card_is_read_where_one_must_be_allowed_to_see_it() -> None:
    """A caregiver without the medicines puts none on the card."""
    assert {part.value: scope for part, scope in card.FROM.items()} == {
        "name": "profile",
        "age": "profile",
        "blood": "profile",
        "allergies": "record",
        "conditions": "record",
        "medicines": "medications",
    }
    assert set(card.DONOR) == {"yes", "no", "ask"}
    assert frozenset(card.Part) - card.USUAL == {card.Part.DONOR}, "the one that is off until it is asked for"


# Each as its country publishes it; a wrong one may cost a life.
NUMBERS = {
    "IN": "112 108 102 104 14416",
    "US": "911 +18002221222 988",
    "CA": "911 811 988",
    "GB": "999 112 111 116123",
    "DE": "112 116117 08001110111",
    "FR": "112 15 3114",
    "AU": "000 1800022222 131114",
    "NZ": "111 0800611116 1737",
    "SG": "995",
    "MY": "999",
    "LK": "1990 119 1926",
    "AE": "998 999",
    "NP": "102",
    "BD": "999",
    "PK": "1122 115",
    "ZA": "10177 112",
    "JP": "119",
    "CN": "120",
}
EUROPEAN_UNION = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE".split()


@pytest.mark.parametrize("country", [*NUMBERS, *EUROPEAN_UNION])
def test_a_country_has_its_own_numbers(country: str) -> None:
    dialled = [one.dial for one in numbers.numbers_of(country)]
    assert " ".join(dialled) == NUMBERS.get(country, "112")
    if country in EUROPEAN_UNION:
        assert dialled[0] == "112", "by law in each"


def test_a_country_that_is_not_known_has_112() -> None:
    assert set(numbers.COUNTRIES) == {*NUMBERS, *EUROPEAN_UNION}
    assert [one.dial for one in numbers.numbers_of("XX")] == ["112"]


@pytest.mark.parametrize(
    ("zone", "country"),
    [("Asia/Kolkata", "IN"), ("Europe/Berlin", "DE"), ("UTC", None), ("Etc/UTC", None), ("Nowhere/At_All", None),
     ("", None), (None, None)],
)  # fmt: skip
def test_a_country_is_known_by_the_zone_that_is_named_after_it(zone: str | None, country: str | None) -> None:
    assert numbers.country_of_zone(zone) == country


@pytest.mark.parametrize(
    ("written", "letters"),
    [
        ("USA", "US"),
        ("UAE", "AE"),
        ("Bharat", "IN"),
        ("de", "DE"),
        ("जर्मनी", "DE"),
        ("150", None),
        ("World", None),
    ],
)
def test_a_country_is_known_by_what_people_call_it_and_a_continent_is_none(
    written: str, letters: str | None
) -> None:
    assert numbers.country_named(written) == letters


def test_the_number_to_call_first_is_that_of_the_country_else_112() -> None:
    assert [numbers.first(code) for code in ("IN", "US", "GB", "FR", "XX", None)] == [
        "112", "911", "999", "112", "112", "112",
    ]  # fmt: skip
    assert numbers.country_of_zone("Asia/Kolkata") == "IN"
    assert numbers.country_of_zone("UTC") is None
    for several in numbers.COUNTRIES.values():
        assert several
        assert all(one.dial.lstrip("+").isdigit() for one in several)
