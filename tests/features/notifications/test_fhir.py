"""A message leaves as a Communication that others can read: to whom, how, when, and in the words of whose record it is."""

import json
from typing import Any
from uuid import UUID

from tests.features.sharing.cast import signed_in, somebody

from ojas.features.notifications import feature, fhir
from ojas.features.notifications.rules import Channel, State
from ojas.features.notifications.schemas import DeliveryShown, Message, Outsider, Recipient
from ojas.kit import clock
from ojas.kit.db import Access, Database
from ojas.kit.fhir.validation import faults
from ojas.kit.ids import new_id
from ojas.kit.jobs import Context

from .conftest import Keeper, Reader, a_reader
from .test_acting import ask
from .test_notifying import deliver, say


async def left(database: Database, person_id: UUID) -> list[dict[str, Any]]:
    async with database.transaction(Access.of(person_id)) as tx:
        files = {file.name: file async for file in feature.export(tx, person_id)}
        text = b"".join([part async for part in files["notifications/fhir.ndjson"].content])
    found = [json.loads(line) for line in text.splitlines()]
    for one in found:
        assert not faults(one)
    return found


async def test_messages_leave_in_the_words_of_whose_record_it_is(
    database: Database, context: Context, keeper: Keeper, reader: Reader
) -> None:
    patient = await a_reader(database, "ta")
    contact = Outsider(name="Ravi", email=f"ravi.{new_id().hex}@example.org")
    mine = await say(database, patient.person_id, patient.account_id)
    theirs = await say(database, patient.person_id, reader.account_id)
    await deliver(context)
    outside = await ask(database, patient.person_id, contact)
    found = {one["id"]: one for one in await left(database, patient.person_id)}
    first = found[str(mine)]
    assert first["payload"] == [{"contentString": "சேமிக்கப்பட்டது."}, {"contentString": "Metoprolol"}]
    assert (first["language"], first["status"], first["priority"]) == ("ta", "completed", "urgent")
    assert first["recipient"] == [{"reference": f"Patient/{patient.person_id}", "display": "Asha"}]
    assert [mode["coding"][0]["code"] for mode in first["medium"]] == ["EMAILWRIT", "ONLINEWRIT"]
    assert first["category"][0]["coding"][0]["code"] == "reminder"
    assert found[str(theirs)]["recipient"][0]["identifier"]["value"] == str(reader.account_id)
    assert found[str(outside)]["recipient"] == [{"type": "RelatedPerson", "display": "Ravi"}]
    assert found[str(outside)]["status"] == "in-progress"
    assert "received" not in first


async def test_its_reader_has_it_over_rest_and_nobody_else(database: Database, app: Any) -> None:
    asha, other = await somebody(database, "Asha"), await somebody(database, "Ravi")
    id = await say(database, asha.person_id, asha.account_id)
    async with await signed_in(app, asha) as client:
        answer = await client.get(f"/api/v1/notifications/{id}/communication")
    assert answer.status_code == 200
    found = answer.json()
    assert not faults(found)
    assert (found["subject"], "received" in found) == ({"reference": f"Patient/{asha.person_id}"}, True)
    async with await signed_in(app, other) as client:
        assert (await client.get(f"/api/v1/notifications/{id}/communication")).status_code == 404


def test_what_became_of_it_is_told_as_r4_has_it(person_id: UUID) -> None:
    now = clock.now()

    def shown(*states: State) -> dict[str, Any]:
        ways = [
            DeliveryShown(
                channel=Channel.SMS,
                state=state,
                attempts=1,
                due_at=now,
                last_at=now,
                handed_at=None,
                answer="No such number. [21211]",
            )
            for state in states
        ]
        message = Message(
            id=new_id(),
            person_id=person_id,
            kind="tests.dose",
            topic="medication",  # type: ignore[arg-type]  # as it is kept
            urgency=5,  # type: ignore[arg-type]
            title="Title",
            text="",
            path="/",
            created_at=now,
            read_at=None,
            archived_at=None,
            done=None,
            deliveries=ways,
        )
        found = fhir.communication(message, Recipient(name="Ravi"), "en")
        assert not faults(found)
        return found

    assert shown(State.HUSHED)["status"] == "stopped"
    assert shown(State.REFUSED, State.WAITING)["status"] == "in-progress"
    failed = shown(State.REFUSED, State.HUSHED)
    assert (failed["status"], failed["statusReason"]["text"]) == ("not-done", "No such number. [21211]")
    assert (failed["priority"], failed["category"][0]["coding"][0]["code"]) == ("stat", "alert")
