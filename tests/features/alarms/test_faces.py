"""Alarms over REST and on pages, by a browser without script."""

import re
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
import time_machine
from fastapi import FastAPI

from ojas.features.notifications import service as notifications
from ojas.kit.db import Database
from tests.browsing import seen, sent
from tests.features.medications.living import speaking
from tests.features.sharing.cast import Somebody, signed_in

from .living import enter, look, messages, open_alarms, pressure


@pytest.fixture
async def alarm(database: Database, asha: Somebody) -> UUID:
    await enter(asha, pressure(192, 118))
    await look(database)
    [found] = await open_alarms(asha)
    return found.id


async def test_an_alarm_is_listed_read_silenced_acknowledged_and_closed_over_rest(
    browser: httpx.AsyncClient, asha: Somebody, alarm: UUID
) -> None:
    root = f"/api/v1/people/{asha.person_id}"
    [listed] = (await browser.get(f"{root}/alarms", params={"state": "open"})).json()["items"]
    assert (listed["id"], listed["severity"]) == (str(alarm), "high")
    one = f"{root}/alarms/{alarm}"
    silent = (await browser.post(f"{one}/snooze", json={"minutes": 1440})).json()
    assert silent["snoozed_until"] == "2027-03-01T09:00:00Z", "danger is silent for an hour at most"
    known = (await browser.post(f"{one}/acknowledge")).json()
    assert known["acknowledged_by"] == str(asha.account_id)
    over = (await browser.post(f"{one}/resolve", json={"note": "A cuff too small"})).json()
    assert [fact["change"] for fact in over["changes"]] == [
        "raised",
        "told",
        "snoozed",
        "acknowledged",
        "resolved",
    ]
    assert over["changes"][-1]["note"] == "A cuff too small"
    assert (await browser.post(f"{one}/acknowledge")).status_code == 409
    assert (await browser.get(f"{root}/alarms", params={"state": "open"})).json()["items"] == []
    assert (await browser.get(f"{one}/flag")).json()["status"] == "inactive"
    assert (await browser.get(f"{one}/detected-issue")).json()["severity"] == "high"
    refused = await browser.post(f"{one}/snooze", json={"minutes": 0})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "minutes")


async def test_rules_are_listed_set_and_set_back_over_rest(
    browser: httpx.AsyncClient, asha: Somebody
) -> None:
    root = f"/api/v1/people/{asha.person_id}/alarm-rules"
    rules = {rule["rule"]: rule for rule in (await browser.get(root)).json()}
    assert rules["oxygen"]["says"] == ["When the oxygen in the blood is below 90 %."]
    assert all(rule["source"] for rule in rules.values())
    draft = {"rule": "oxygen", "limits": {"value": {"low": 88}}, "care_team": False}
    found = await browser.put(f"{root}/oxygen", json=draft)
    assert (found.status_code, found.json()["says"]) == (
        200,
        ["When the oxygen in the blood is 88 % or less."],
    )
    stale = await browser.put(f"{root}/oxygen", json=draft, headers={"if-match": '"7"'})
    assert stale.status_code == 412
    other = await browser.put(f"{root}/oxygen", json={**draft, "rule": "pulse"})
    assert other.json()["errors"][0]["field"] == "rule"
    assert (await browser.delete(f"{root}/oxygen")).status_code == 204
    assert (await browser.delete(f"{root}/moon")).status_code == 404
    [again] = [rule for rule in (await browser.get(root)).json() if rule["rule"] == "oxygen"]
    assert not again["own"]


async def test_on_today_an_alarm_can_be_answered_and_its_page_says_what_happened(
    browser: httpx.AsyncClient, asha: Somebody, alarm: UUID
) -> None:
    root = f"/p/{asha.person_id}"
    today = await seen(browser, root)
    assert 'role="alert"' in today
    answer = await sent(browser, today, f"{root}/alarms/{alarm}/acknowledge", then=root)
    assert (answer.status_code, answer.headers["location"]) == (303, root)
    assert "Known since" in await seen(browser, root)
    page = await seen(browser, f"{root}/alarms/{alarm}")
    assert "Acknowledged: Asha" in page
    assert "in Ojas" in page
    assert re.findall(r'name="minutes" value="(\d+)"', page) == ["15", "60"], "no more than danger bears"
    elsewhere = await sent(
        browser, page, f"{root}/alarms/{alarm}/snooze", then="https://example.org/", minutes="60"
    )
    assert elsewhere.headers["location"] == f"{root}/alarms/{alarm}", "a link leads nowhere else"
    long = await sent(browser, page, f"{root}/alarms/{alarm}/resolve", note="All well. " * 101)
    assert long.status_code == 422
    assert "All well. All well." in long.text, "no note is lost with the alarm closed"
    await sent(browser, page, f"{root}/alarms/{alarm}/resolve", note="All well")
    late = await sent(browser, page, f"{root}/alarms/{alarm}/acknowledge")
    assert late.status_code == 303, "it was over while the page was open"
    assert "All well" in await seen(browser, f"{root}/alarms/{alarm}")
    assert "Earlier" in await seen(browser, f"{root}/alarms")


async def test_a_rule_is_set_on_its_page_and_what_cannot_be_is_said_beside_its_field(
    browser: httpx.AsyncClient, asha: Somebody
) -> None:
    root = f"/p/{asha.person_id}/alarm-rules"
    page = await seen(browser, f"{root}/blood_pressure")
    wrong = await sent(
        browser, page, f"{root}/blood_pressure", **{"on": "true", "limits.systolic.high": "900"}
    )
    assert "This cannot be measured." in wrong.text
    assert 'value="900"' in wrong.text
    good = {"on": "true", "limits.systolic.high": "170", "caregivers": "true", "reason": "Dr Rao"}
    assert (await sent(browser, page, f"{root}/blood_pressure", **good)).status_code == 303
    assert "When the upper blood pressure is 170 mmHg or more." in await seen(browser, root)
    assert (await sent(browser, page, f"{root}/no_readings", on="true", amount="5")).status_code == 303
    assert "nothing was measured for 5 days" in await seen(browser, root)
    assert (await sent(browser, page, f"{root}/blood_pressure/reset")).status_code == 303
    assert "170 mmHg" not in await seen(browser, root)


@pytest.mark.parametrize("language", ["hi", "ta"])
async def test_every_page_speaks_the_readers_language(
    app: FastAPI, asha: Somebody, alarm: UUID, language: str
) -> None:
    await speaking(asha, language)
    async with await signed_in(app, asha) as browser:
        for path in ("alarms", f"alarms/{alarm}", "alarm-rules", "alarm-rules/oxygen"):
            page = await seen(browser, f"/p/{asha.person_id}/{path}")
            told = re.sub(r"<[^>]+>", " ", re.sub(r".*<main[^>]*>|</main>.*", "", page, flags=re.S))
            english = set(re.findall(r"[A-Za-z]{4,}", told)) - {"mmHg", "Asha", "AACVPR", "NEWS", "Ojas"}
            assert not english, (path, english)


async def test_a_message_about_an_alarm_is_answered_where_it_is_read(
    database: Database, asha: Somebody, alarm: UUID
) -> None:
    [message] = await messages(asha)
    async with asha.transaction() as tx:
        said = await notifications.do(tx, asha.account_id, message.id, "alarms.acknowledge")
    assert "Nobody else is called" in said.says
    [known] = await open_alarms(asha)
    assert known.acknowledged_by == asha.account_id


async def test_a_silence_asked_for_from_a_message_ends_after_an_hour(
    database: Database, asha: Somebody, alarm: UUID, clock: time_machine.Traveller
) -> None:
    [message] = await messages(asha)
    async with asha.transaction() as tx:
        await notifications.do(tx, asha.account_id, message.id, "alarms.snooze")
    clock.shift(timedelta(hours=1))
    await look(database)
    assert len(await messages(asha)) == 2
