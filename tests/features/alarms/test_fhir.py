"""Alarms as FHIR R4, held against HL7's own definitions."""

from datetime import timedelta
from uuid import UUID

import orjson
import pytest

from ojas.features.alarms import fhir, service
from ojas.features.alarms.feature import FEATURE
from ojas.features.alarms.rules import Severity
from ojas.kit.db import Database
from ojas.kit.fhir.validation import check
from tests.features.sharing.cast import Somebody, somebody

from .living import enter, look, open_alarms, pressure, whole


@pytest.fixture
async def asha(database: Database) -> Somebody:
    return await somebody(database, "Asha")


async def test_an_alarm_is_a_valid_flag_and_issue_with_what_it_rests_on_and_what_was_done(
    database: Database, asha: Somebody
) -> None:
    reading = await enter(asha, pressure(192, ago=timedelta(minutes=1)))
    await look(database)
    [alarm] = await open_alarms(asha)
    flag = fhir.flag(alarm)
    check(flag)
    assert flag["status"] == "active"
    assert "192/80" in flag["code"]["text"]
    async with asha.transaction() as tx:
        await service.acknowledge(tx, asha.person_id, alarm.id)
        await service.resolve(tx, asha.person_id, alarm.id, "Measured again")
    done = await whole(asha, alarm.id)
    issue = fhir.detected_issue(done)
    check(issue)
    assert issue["evidence"] == [{"detail": [{"reference": f"Observation/{reading.id}"}]}]
    assert [one["action"]["text"] for one in issue["mitigation"]] == [
        "Acknowledged",
        "Closed: Measured again",
    ]
    assert fhir.flag(done)["status"] == "inactive"


@pytest.mark.parametrize("severity", Severity)
def test_every_severity_has_its_code(severity: Severity) -> None:
    assert fhir._SEVERITY[severity] in ("low", "moderate", "high")


async def test_a_persons_alarms_leave_with_their_facts_and_as_fhir(
    database: Database, asha: Somebody
) -> None:
    await enter(asha, pressure(192, ago=timedelta(minutes=1)))
    await look(database)
    assert FEATURE.export is not None
    async with asha.transaction() as tx:
        files = {
            file.name: [line async for line in file.content]
            async for file in FEATURE.export(tx, asha.person_id)
        }
    [alarm] = [orjson.loads(line) for line in files["alarms/alarms.ndjson"]]
    assert UUID(alarm["id"])
    assert [one["change"] for one in alarm["changes"]] == ["raised", "told"]
    kinds = [orjson.loads(line)["resourceType"] for line in files["alarms/fhir.ndjson"]]
    assert kinds == ["Flag", "DetectedIssue"]
