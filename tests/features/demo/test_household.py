"""The household is made once, the same every time, and nobody in it passes for real."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import time_machine

from ojas.features.alarms import service as alarms
from ojas.features.demo import service
from ojas.features.demo.rules import Life
from ojas.features.demo.service import story
from ojas.features.identity import service as identity
from ojas.features.measurements import service as measurements
from ojas.features.sharing import service as sharing
from ojas.kit.db import Access, Database
from ojas.kit.errors import Forbidden
from ojas.kit.http import Actor
from ojas.kit.jobs import Context
from ojas.kit.settings import Settings

LIFE = Life(date(2026, 11, 21), ZoneInfo("Asia/Kolkata"))


def test_the_same_seed_and_day_make_the_same_life_to_the_last_sample() -> None:
    one, other = LIFE, Life(LIFE.last, LIFE.zone)
    assert one.readings() == other.readings()
    for mine, theirs in zip(one.signals(), other.signals(), strict=True):
        assert np.array_equal(mine.start, theirs.start)
        assert np.array_equal(mine.values, theirs.values)


def test_surgery_shows_in_what_was_measured() -> None:
    pressures = [r for r in LIFE.readings() if r.kind == "blood_pressure"]
    early = np.mean([r.values["systolic"] for r in pressures[:30]])
    late = np.mean([r.values["systolic"] for r in pressures[-30:]])
    assert early - late > 10
    watch = LIFE.signals()[0]
    silent = np.diff(watch.start).max() / 86_400_000
    assert 8 < silent < 12


@pytest.fixture
async def context(database: Database, settings: Settings, tmp_path: Path) -> Context:
    return Context(database, settings.model_copy(update={"home": tmp_path}))


@pytest.fixture
def breakfast() -> Iterator[None]:
    """Just after the sugar of this morning was measured, which is good."""
    life = Life(datetime.now(story.ZONE).date(), story.ZONE)
    last = [reading.at for reading in life.readings() if reading.kind == "blood_glucose"][-1]
    with time_machine.travel(last + timedelta(minutes=5)):
        yield


@pytest.mark.usefixtures("breakfast")
async def test_the_household_is_made_once_and_lives(context: Context) -> None:
    first = await service.household(context)
    again = await service.household(context)
    assert first == again
    database = context.database
    async with database.transaction(Access.system("sign_in")) as tx:
        meera = await identity.card_by_email(tx, story.PATIENT.email)
        doctor = await identity.card_by_email(tx, story.DOCTOR.email)
    assert meera
    assert doctor
    async with database.transaction(Access.of(meera.person_id)) as tx:
        assert await identity.is_synthetic(tx, meera.person_id)
        assert set(await measurements.latest(tx, meera.person_id)) >= {"blood_pressure", "weight", "hba1c"}
        wrong = await alarms.open_now(tx, meera.person_id, {})
        assert [(one.rule, one.acknowledged_at is not None) for one in wrong] == [
            ("blood_pressure", True),
            ("glucose", False),
        ]
    actor = Actor(doctor.account_id, doctor.person_id, None)
    async with database.transaction(Access(account_id=actor.account_id)) as tx:
        await tx.become(await sharing.access_of(tx, actor))
        assert await measurements.latest(tx, meera.person_id)
        with pytest.raises(Forbidden):
            tx.access.require("measurements", meera.person_id, write=True)
