"""Entering, correcting and deleting readings, on the real database."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from tests.conftest import newcomer
from tests.features.sharing.cast import shared, somebody

from ojas.features.identity import service as identity
from ojas.features.identity.schemas import ProfileDraft
from ojas.features.measurements import service
from ojas.features.measurements.service import Doubt, EntryDraft, Meal, Status
from ojas.kit import clock
from ojas.kit.db import Access, Database, unenforced
from ojas.kit.errors import Conflict, Forbidden, Incorrect, NotFound, Stale
from ojas.kit.ids import new_id

MORNING = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)


def weight(value: str, unit: str = "kg", days: int = 0, **more: Any) -> EntryDraft:
    at = MORNING + timedelta(days=days)
    return EntryDraft(kind="weight", effective_at=at, unit=unit, value=Decimal(value), **more)


def pressure(systolic: int, diastolic: int, days: int = 0, **more: Any) -> EntryDraft:
    return EntryDraft(
        kind="blood_pressure",
        effective_at=MORNING + timedelta(days=days),
        unit="mmHg",
        systolic=Decimal(systolic),
        diastolic=Decimal(diastolic),
        **more,
    )


async def test_a_blood_pressure_is_one_reading_in_its_band(database: Database, person_id: UUID) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        made = await service.enter(tx, person_id, pressure(138, 86))
        judge = await service.judge(tx, person_id)
        shown = service.shown(made, {}, judge)
    assert (made.systolic, made.diastolic, made.value) == (138, 86, None)
    assert (shown.text, shown.unit, shown.band) == ("138/86", "mmHg", "High, stage 1")


async def test_pounds_are_kept_as_kilograms_with_what_was_typed_beside_them(
    database: Database, person_id: UUID
) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        made = await service.enter(tx, person_id, weight("154", "lb"))
    assert made.value == Decimal("69.85322498")
    assert (made.unit, made.entered) == ("[lb_av]", {"value": "154"})
    assert service.shown(made, {"mass": "[lb_av]"}).text == "154.0"
    assert service.shown(made, {}).text == "69.9"


async def test_notes_and_device_lie_sealed_and_the_value_in_the_clear(
    database: Database, person_id: UUID
) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        await service.enter(tx, person_id, weight("70", notes="after a bad night", device="Bathroom scale"))
        row = (
            await tx.session.execute(
                text("SELECT value, sealed, readings::text FROM readings WHERE person_id = :p"),
                {"p": person_id},
            )
        ).one()
    assert row.value == 70
    assert b"night" not in bytes(row.sealed)
    assert "scale" not in row[2]


async def test_a_correction_is_a_new_version_and_the_history_shows_what_was_there(
    database: Database, person_id: UUID
) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        made = await service.enter(tx, person_id, pressure(138, 86))
        changed = await service.change(tx, person_id, made.id, pressure(128, 86), if_version=1)
        past = await service.history(tx, person_id, made.id)
        with pytest.raises(Stale):
            await service.change(tx, person_id, made.id, pressure(118, 86), if_version=1)
    assert (changed.version, changed.systolic, changed.status) == (2, 128, Status.CORRECTED)
    assert past[0].before is not None
    assert Decimal(past[0].before["systolic"]) == 138


async def test_a_reading_keeps_its_kind(database: Database, person_id: UUID) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        made = await service.enter(tx, person_id, weight("70"))
        with pytest.raises(Incorrect, match="keeps its kind"):
            await service.change(tx, person_id, made.id, pressure(128, 86))


async def test_what_was_deleted_can_be_brought_back(database: Database, person_id: UUID) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        made = await service.enter(tx, person_id, weight("70", notes="keep"))
        await service.delete(tx, person_id, made.id)
        with pytest.raises(NotFound):
            await service.read(tx, person_id, made.id)
        back = await service.restore(tx, person_id, made.id)
    assert (back.value, back.notes, back.version) == (70, "keep", 3)


async def test_the_same_id_twice_is_a_conflict(database: Database, person_id: UUID) -> None:
    id = new_id()
    async with database.transaction(Access.of(person_id)) as tx:
        await service.enter(tx, person_id, weight("70"), id=id)
    with pytest.raises(Conflict):
        async with database.transaction(Access.of(person_id)) as tx:
            await service.enter(tx, person_id, weight("70"), id=id)


@pytest.mark.parametrize(
    ("draft", "field", "says"),
    [
        (EntryDraft(kind="aura", effective_at=MORNING, unit="1", value=Decimal(1)), "kind", "not known"),
        (weight("70", "cm"), "unit", "does not fit"),
        (weight("70", "furlongs"), "unit", "is not known"),
        (weight("7000"), "value", "7000 kg is outside 0.3 to 650 kg"),
        (weight("-3"), "value", "outside"),
        (pressure(80, 120), "systolic", "must be larger"),
        (pressure(100, 99), "systolic", "too close"),
        (pressure(500, 99), "systolic", "outside 40 to 300"),
        (
            EntryDraft(kind="bmi", effective_at=MORNING, unit="kg/m2", value=Decimal(300)),
            "kind",
            "comes from devices",
        ),
        (weight("70", days=4000), "effective_at", "still to come"),
        (weight("70", days=-60_000), "effective_at", "before the year 1900"),
        (weight("70", effective_end=MORNING - timedelta(1)), "effective_end", "ends before"),
        (weight("70", zone="Mars/Olympus"), "zone", "no time zone"),
        (
            EntryDraft(kind="blood_pressure", effective_at=MORNING, unit="mmHg", systolic=Decimal(120)),
            "diastolic",
            "missing",
        ),
        (
            EntryDraft(
                kind="weight", effective_at=MORNING, unit="kg", systolic=Decimal(70), value=Decimal(70)
            ),
            "systolic",
            "no such",
        ),
    ],
)
async def test_what_cannot_be_is_refused_beside_its_field(
    database: Database, person_id: UUID, draft: EntryDraft, field: str, says: str
) -> None:
    with pytest.raises(Incorrect) as refusal:
        async with database.transaction(Access.of(person_id)) as tx:
            await service.enter(tx, person_id, draft)
    assert field in [fault.field for fault in refusal.value.faults]
    assert says in str(refusal.value)


async def test_a_clock_may_run_five_minutes_ahead_and_no_more(database: Database, person_id: UUID) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        soon = EntryDraft(
            kind="weight", effective_at=clock.now() + timedelta(minutes=4), unit="kg", value=Decimal(70)
        )
        await service.enter(tx, person_id, soon)
        late = soon.model_copy(update={"effective_at": clock.now() + timedelta(minutes=6)})
        with pytest.raises(Incorrect, match="still to come"):
            await service.enter(tx, person_id, late)


async def test_a_likely_slip_is_asked_about_and_taken_once_confirmed(
    database: Database, person_id: UUID
) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        await service.enter(tx, person_id, weight("70"))
        with pytest.raises(Doubt) as doubt:
            await service.enter(tx, person_id, weight("154", days=1))
        made = await service.enter(tx, person_id, weight("154", days=1, confirmed=True))
    assert doubt.value.suggestion is not None
    assert doubt.value.suggestion.unit == "[lb_av]"
    assert made.value == 154


async def test_only_the_care_team_enters_a_six_minute_walk(database: Database, person_id: UUID) -> None:
    walk = EntryDraft(kind="six_minute_walk", effective_at=MORNING, unit="m", value=Decimal(420))
    async with database.transaction(Access.of(person_id)) as tx:
        with pytest.raises(Forbidden):
            await service.enter(tx, person_id, walk)
    async with database.transaction(Access.of(person_id, purpose="TREAT")) as tx:
        assert (await service.enter(tx, person_id, walk)).value == 420


async def test_a_care_teams_limits_go_before_the_guideline(database: Database, person_id: UUID) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        limits = {"systolic": service.LimitsDraft(low=Decimal(100), high=Decimal(140))}
        draft = service.OverrideDraft(kind="blood_pressure", limits=limits, told_by="Dr Rao")
        await service.OVERRIDES.create(tx, person_id, draft)
        made = await service.enter(tx, person_id, pressure(138, 79))
        judge = await service.judge(tx, person_id)
        finding = judge.find(service.CATALOGUE["blood_pressure"], made.numbers, made.effective_at)
    assert finding is not None
    assert (finding.band.name, finding.guideline.key) == ("In your range", "care-team")


async def test_limits_that_fall_are_refused(database: Database, person_id: UUID) -> None:
    limits = {"value": service.LimitsDraft(low=Decimal(90), high=Decimal(60))}
    async with database.transaction(Access.of(person_id)) as tx:
        with pytest.raises(Incorrect, match="must rise"):
            await service.OVERRIDES.create(
                tx, person_id, service.OverrideDraft(kind="heart_rate", limits=limits)
            )


async def test_lists_are_by_kind_and_newest_first(database: Database, person_id: UUID) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        for day in range(5):
            await service.enter(tx, person_id, weight(str(70 + day), days=day))
        await service.enter(tx, person_id, pressure(120, 80))
        first = await service.page(tx, person_id, kind="weight", limit=3)
        rest = await service.page(tx, person_id, kind="weight", limit=3, cursor=first.next)
        latest = await service.latest(tx, person_id)
        assert await service.kinds_of(tx, person_id) == ["blood_pressure", "weight"]
        assert await service.counts(tx, person_id) == {"weight": 5, "blood_pressure": 1}
        every = await service.page(tx, person_id, limit=4)
        others = await service.page(tx, person_id, limit=4, cursor=every.next)
        assert [r.kind for r in (*every.items, *others.items)] == ["weight"] * 4 + [
            "blood_pressure",
            "weight",
        ]
    assert [r.value for r in first.items] == [74, 73, 72]
    assert [r.value for r in rest.items] == [71, 70]
    assert rest.next is None
    assert {kind: r.effective_at for kind, r in latest.items()} == {
        "weight": MORNING + timedelta(days=4),
        "blood_pressure": MORNING,
    }


async def test_a_glucose_reading_is_judged_by_its_meal(database: Database, person_id: UUID) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        judge = await service.judge(tx, person_id)
        names = {}
        for meal in (None, Meal.FASTING, Meal.AFTER_MEAL):
            draft = EntryDraft(
                kind="blood_glucose", effective_at=MORNING, unit="mmol/L", value=Decimal("7.2"), meal=meal
            )
            names[meal] = service.shown(await service.enter(tx, person_id, draft), {}, judge).band
    assert names == {
        None: "In the usual range",
        Meal.FASTING: "High, fasting (diabetes range)",
        Meal.AFTER_MEAL: "Normal after a meal",
    }


async def test_nobody_sees_another_persons_readings_even_if_the_code_forgets_to_ask(
    database: Database,
) -> None:
    owner, stranger = await newcomer(database), await newcomer(database)
    async with database.transaction(Access.of(owner)) as tx:
        made = await service.enter(tx, owner, weight("70"))
    with unenforced():
        async with database.transaction(Access.of(stranger)) as tx:
            with pytest.raises(NotFound):
                await service.read(tx, owner, made.id)
            assert (
                await tx.session.scalar(
                    text("SELECT count(*) FROM readings WHERE person_id = :p"), {"p": owner}
                )
                == 0
            )
        with pytest.raises(ProgrammingError):
            async with database.transaction(Access.of(stranger)) as tx:
                await tx.session.execute(
                    text("INSERT INTO removed_readings (person_id, id) VALUES (:p, :i)"),
                    {"p": owner, "i": new_id()},
                )


async def test_bands_and_dates_follow_the_persons_profile(database: Database) -> None:
    mother = await somebody(database, "Asha")
    today = clock.now().date()
    draft = ProfileDraft(
        name="Asha", date_of_birth=date(1995, 6, 1), gender="female", pregnancy_due=today + timedelta(days=60)
    )
    async with mother.transaction() as tx:
        await identity.change_profile(tx, mother.person_id, draft)
        judge = await service.judge(tx, mother.person_id)
        before = weight("60").model_copy(update={"effective_at": datetime(1995, 5, 1, tzinfo=UTC)})
        with pytest.raises(Incorrect, match="before the date of birth"):
            await service.enter(tx, mother.person_id, before)
        early = [service.Incoming("weight", {"value": Decimal(3)}, "kg", datetime(1990, 1, 1, tzinfo=UTC))]
        taken = await service.import_readings(tx, mother.person_id, early, source="test")
    assert [fault.message for _place, fault in taken.refused] == ["This is before the date of birth."]
    kinds = service.CATALOGUE
    keys = {
        name: found.key if (found := judge.guideline(kinds[name], clock.now())) else None
        for name in ("blood_pressure", "hdl", "bmi", "blood_glucose")
    }
    assert keys == {
        "blood_pressure": "acog-2020",
        "hdl": "atp3-hdl-women",
        "bmi": None,
        "blood_glucose": "ada-2025-pregnancy",
    }
    long_ago = clock.now() - timedelta(days=400)
    earlier = judge.guideline(kinds["blood_pressure"], long_ago)
    assert earlier is not None
    assert earlier.key == "acc-aha-2025"
    child = judge.guideline(kinds["blood_pressure"], datetime(2005, 1, 1, tzinfo=UTC))
    assert child is None


async def test_a_doctor_who_sees_readings_sees_them_judged_for_the_person(database: Database) -> None:
    child, doctor = await somebody(database, "Anu"), await somebody(database, "Rao")
    async with child.transaction() as tx:
        await identity.change_profile(
            tx, child.person_id, ProfileDraft(name="Anu", date_of_birth=date(2020, 1, 1))
        )
    await shared(child, doctor, "measurements")
    async with doctor.transaction() as tx:
        judge = await service.judge(tx, child.person_id)
    assert (
        judge.guideline(service.CATALOGUE["blood_pressure"], clock.now()) is None
    )  # adults' bands are not a child's
