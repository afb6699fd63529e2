"""Electrocardiograms of an Apple export: read in any language, kept whole, shown on doctor's paper."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from ojas.features.connections import service
from ojas.features.connections.rules import Electrocardiogram, Refused
from ojas.features.connections.vendors.apple_health import ecg, reading
from ojas.features.signals import service as signals
from ojas.kit.db import Access, Database
from ojas.kit.errors import NotFound
from ojas.kit.objects import Objects
from tests.builders import apple_health as apple
from tests.builders.apple_health import BEGIN, Export
from tests.conftest import work_off
from tests.features.connections.conftest import Importer
from tests.features.connections.test_http import api, file
from tests.features.sharing.cast import Somebody

NOW = round((BEGIN + timedelta(days=900)).timestamp() * 1000)


def read(content: bytes) -> Electrocardiogram:
    found = ecg.recording(content, "ecg.csv", NOW)
    assert isinstance(found, Electrocardiogram), found
    return found


def refused(content: bytes) -> str:
    found = ecg.recording(content, "ecg.csv", NOW)
    assert isinstance(found, Refused)
    assert found.where == "ecg.csv"
    return found.fault.message


def with_recordings(*contents: bytes, folder: str = "electrocardiograms") -> Export:
    files = {f"/{folder}/ecg_{n}.csv": content for n, content in enumerate(contents)}
    return Export(files=files).add(apple.record("HeartRate", 70, "count/min", BEGIN))


@pytest.mark.parametrize(
    ("language", "finding", "known"),
    [
        ("en", "Sinus Rhythm", "sinus_rhythm"),
        ("de", "Sinusrhythmus", "sinus_rhythm"),
        ("de", "Vorhofflimmern", "atrial_fibrillation"),
        ("ta", "சைனஸ் ரிதம்", "சைனஸ் ரிதம்"),
        ("en", "Recording Not Classified", "Recording Not Classified"),
    ],
)
def test_a_recording_is_read_in_any_language(language: str, finding: str, known: str) -> None:
    told = read(apple.ecg(BEGIN, language=language, finding=finding, rate=512.844))
    assert (told.at, told.rate, told.finding, told.symptoms) == (BEGIN, 512.844, known, "")
    assert (told.source.hardware, told.source.name) == ("Watch6,7", "Apple Watch (Watch6,7)")
    assert len(told.microvolts) == round(512.844 * 30)
    assert round((told.end - told.at).total_seconds(), 2) == 30
    english = read(apple.ecg(BEGIN, rate=512.844))
    assert np.array_equal(told.microvolts, english.microvolts)
    assert -41 < told.microvolts.min() < told.microvolts.max() < 1161


def test_what_was_felt_is_kept_with_its_commas() -> None:
    told = read(apple.ecg(BEGIN, symptoms="Rapid, pounding, or fluttering heartbeat,Dizziness"))
    assert told.symptoms == "Rapid, pounding, or fluttering heartbeat, Dizziness"
    assert read(apple.ecg(BEGIN, symptoms="None")).symptoms == ""


def test_a_mean_pulse_is_kept_where_it_is_told() -> None:
    content = apple.ecg(BEGIN).replace("Unit,µV".encode(), "Unit,µV\nAverage Heart Rate,64 bpm".encode())
    assert (read(content).heart_rate, read(content).rate) == (64, 512)
    assert read(apple.ecg(BEGIN)).heart_rate is None


def test_millivolts_become_microvolts() -> None:
    assert read(apple.ecg(BEGIN).replace("µV".encode(), b"mV")).microvolts.max() > 1_000_000


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", ecg.STRANGE),
        (b"a,b\n1,2\n", ecg.STRANGE),
        (b"\xff\xfe\x00PK", ecg.STRANGE),
        (apple.ecg(BEGIN).replace(b" hertz", b""), ecg.NO_PACE),
        (apple.ecg(BEGIN).replace("µV".encode(), b"furlong"), ecg.NO_VOLTS),
        (apple.ecg(BEGIN)[:250].rpartition(b"\n\n")[0], ecg.NO_TRACE),
        (apple.ecg(BEGIN) + b"lost\n", ecg.DAMAGED),
        (apple.ecg(BEGIN) + b"NaN\n", ecg.DAMAGED),
        (apple.ecg(BEGIN + timedelta(days=3000)), reading.columns.FUTURE),
    ],
)
def test_what_is_no_recording_is_refused_with_its_reason(content: bytes, reason: Any) -> None:
    assert refused(content) == reason.message


@given(st.binary(max_size=300), st.integers(0, 260))
def test_no_table_brings_the_reader_down(noise: bytes, place: int) -> None:
    head = apple.ecg(BEGIN, seconds=0.02)
    ecg.recording(noise, "x", NOW)
    ecg.recording(head[:place] + noise + head[place:], "x", NOW)


async def test_recordings_come_in_are_kept_whole_and_again_change_nothing(
    whole: Importer, database: Database, person_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "TRACES", 2)
    days = [BEGIN + timedelta(days=n) for n in range(5)]
    export = with_recordings(
        *(apple.ecg(day, symptoms="Dizziness", beats=60 + 5 * n) for n, day in enumerate(days)),
        b"lost",
        folder="elektrokardiogramme",
    )
    for _ in range(2):
        ended = await whole(export.zip())
        assert (ended.counts, ended.refused) == ({"ecg": 5, "heart_rate": 1}, 1)
        async with database.transaction(Access.of(person_id)) as tx:
            kept = (await signals.SESSIONS.page(tx, person_id)).items
            assert [one.started_at for one in kept] == days[::-1]
            assert {(one.kind, one.finding, one.symptoms, one.version) for one in kept} == {
                ("ecg", "sinus_rhythm", "Dizziness", 1)
            }
            trace = await signals.trace(tx, person_id, kept[-1].id)
    told = read(apple.ecg(days[0], beats=60))
    assert trace.rate == told.rate
    assert np.abs(trace.microvolts - told.microvolts).max() <= 0.05 + 1e-9


async def test_a_recording_of_impossible_volts_is_refused_and_the_rest_stays(
    whole: Importer, database: Database, person_id: UUID
) -> None:
    wild = apple.ecg(BEGIN).replace(b"-40.000\n", b"99999999\n", 1)
    slow = apple.ecg(BEGIN + timedelta(days=1), rate=9000, seconds=1)
    ended = await whole(with_recordings(wild, slow, apple.ecg(BEGIN + timedelta(days=2))).zip())
    assert (ended.counts["ecg"], ended.refused) == (1, 2)
    assert {reason.message for reason in ended.reasons} == {
        "Its figures are not those of an electrocardiogram."
    }


async def test_a_recording_is_taken_back_with_its_import(
    whole: Importer, database: Database, objects: Objects, person_id: UUID
) -> None:
    first = await whole(with_recordings(apple.ecg(BEGIN)).zip())
    async with database.transaction(Access.of(person_id)) as tx:
        [one] = (await signals.SESSIONS.page(tx, person_id)).items
        await service.take_back(tx, person_id, first.id)
    await service.run_taking_back(database, objects, person_id, first.id)
    async with database.transaction(Access.of(person_id)) as tx:
        assert not (await signals.SESSIONS.page(tx, person_id)).items
        with pytest.raises(NotFound):
            await signals.trace(tx, person_id, one.id)
        assert [line async for line in signals.traces(tx, person_id)] == []


@pytest.mark.parametrize("language", ["en", "hi", "ta"])
async def test_the_page_shows_it_on_doctors_paper(
    app: FastAPI, browser: httpx.AsyncClient, asha: Somebody, language: str
) -> None:
    await browser.post(api(asha), files=file(with_recordings(apple.ecg(BEGIN, beats=66)).zip()))
    await work_off(app)
    [one] = (await browser.get(f"/api/v1/people/{asha.person_id}/sessions")).json()["items"]
    shown = (await browser.get(f"/p/{asha.person_id}/sessions/{one['id']}", params={"lang": language})).text
    assert len(re.findall(r'viewBox="0 0 1250 250"', shown)) == 6
    assert len(re.findall(r'role="img" aria-label="[^"]+"', shown)) >= 6
    assert len(shown) < 100_000
    trace = (await browser.get(f"/api/v1/people/{asha.person_id}/sessions/{one['id']}/trace")).json()
    assert (trace["rate_hz"], len(trace["microvolts"])) == (512, 15_360)
    listed = (await browser.get(f"/p/{asha.person_id}/sessions")).text
    assert "heart-pulse" in listed


async def test_rings_and_food_are_counted_with_their_reasons(whole: Importer) -> None:
    export = Export().add(
        apple.activity("2023-01-01"),
        apple.activity("2023-01-02"),
        apple.record("DietaryProtein", 21, "g", BEGIN),
        apple.record("DietaryWater", 250, "mL", BEGIN),
    )
    ended = await whole(export.zip())
    assert ended.refused == 3
    assert {(reason.message[:30], reason.count) for reason in ended.reasons} == {
        ("The rings of a day follow from", 2),
        ("DietaryProtein: what was eaten", 1),
    }
    assert ended.counts == {"hydration": 1}


@pytest.mark.parametrize("head", [b"Note," + b"x" * 200_000, b'"' + b"x" * 200_000])
async def test_a_table_with_a_cell_without_end_is_refused_and_the_rest_comes_in(
    whole: Importer, head: bytes
) -> None:
    came = await whole(with_recordings(head + b"\n" + apple.ecg(BEGIN)).zip())
    assert (came.state, came.counts) == ("done", {"heart_rate": 1})
    assert [reason.count for reason in came.reasons] == [1]
