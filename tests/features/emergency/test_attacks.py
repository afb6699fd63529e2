"""What somebody who means harm, or trembles, does to a call for help and the card."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import text

from ojas.features.emergency import service
from ojas.features.emergency.rules.terms import Kind
from ojas.features.emergency.schemas import AlertDraft, CardDraft, ContactDraft, EndDraft
from ojas.features.sharing import service as sharing
from ojas.kit.db import Access, Database
from ojas.kit.errors import Incorrect
from tests.features.emergency.living import look, named, pressed, seen, told
from tests.features.medications.living import prescribed
from tests.features.sharing.cast import Somebody, shared, somebody

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


async def test_each_press_while_nobody_comes_is_sent_and_a_trembling_hand_sends_it_once(
    database: Database, asha: Somebody
) -> None:
    await named(asha, "Meera", priority=1)
    await named(asha, "Ravi", priority=2)
    with time_machine.travel(NOON, tick=False) as clock:
        alert = await pressed(asha, message="Chest pain")
        await look(database)
        for times, kind in enumerate((Kind.PANIC, Kind.PANIC, Kind.MEDICAL, Kind.PANIC), start=1):
            clock.shift(timedelta(minutes=2 if times > 1 else 0))
            for _trembling in range(3):
                await pressed(asha, kind=kind)
                await look(database)
            found = await seen(asha, alert)
            assert told(found) == {"Meera": times + 1, "Ravi": times}
            sent = {helper.name: len(helper.deliveries) for helper in found.helpers}
            more = 1  # that it is panic now, to Meera who knew
            assert sent == {"Meera": times + 1 + more, "Ravi": times}, "who counts as told was sent it"


async def test_others_who_press_often_do_not_use_up_the_persons_own_calls(
    database: Database, asha: Somebody
) -> None:
    devi = await somebody(database, "Devi")
    await shared(asha, devi, "emergency", may_write=True)
    await named(asha, "Meera")
    for _n in range(6):
        async with devi.transaction() as tx:
            made = await service.press(tx, asha.person_id, AlertDraft())
            await service.end(tx, asha.person_id, made.id, EndDraft(outcome="false_alarm"))
    alert = await pressed(asha)
    assert alert.said is None
    await look(database)
    assert told(await seen(asha, alert)) == {"Meera": 1}


async def test_who_knows_of_emergencies_alone_gets_no_medicines_by_the_card(
    database: Database, asha: Somebody
) -> None:
    devi = await somebody(database, "Devi")
    await shared(asha, devi, "emergency", may_write=True)
    await prescribed(asha)
    async with devi.transaction() as tx:
        assert "Metoprolol" not in str(await service.preview(tx, asha.person_id))
        for part in ("medicines", "allergies", "conditions", "blood"):
            draft = CardDraft.model_validate({"shown": True, "parts": [part]}, strict=False)
            with pytest.raises(Incorrect, match="not shared"):
                await service.change_card(tx, asha.person_id, draft)
    async with asha.transaction() as tx:
        await service.change_card(tx, asha.person_id, CardDraft(shown=True))
    async with devi.transaction() as tx:
        assert "Metoprolol" in str(await service.preview(tx, asha.person_id)), "by her own choice"
        await service.change_card(tx, asha.person_id, CardDraft(shown=True, notes="Speaks Tamil"))


async def test_who_keeps_many_records_sends_no_more_tests_for_it(asha: Somebody) -> None:
    said = []
    for n in range(7):
        async with asha.transaction() as tx:
            child = await sharing.add_person(tx, asha.actor, f"Child {n}")
        async with asha.transaction() as tx:
            named = await service.CONTACTS.create(
                tx, child, ContactDraft(name="Meera", email="meera@example.org", introduce=False)
            )
            said.append((await service.press(tx, child, AlertDraft(test=True, contacts=(named.id,)))).said)
    assert said[:6] == [None] * 6
    assert said[6] is not None


async def test_whoever_could_not_be_told_does_not_count_as_told(database: Database, asha: Somebody) -> None:
    devi = await somebody(database, "Devi")
    await shared(asha, devi, "emergency", kind="caregiver")
    await named(asha, "Devi", account_id=devi.account_id)
    await named(asha, "Meera")
    async with database.transaction(Access.system("sign_in")) as tx:
        await tx.session.execute(
            text("UPDATE accounts SET disabled_at = now() WHERE id = :a"), {"a": devi.account_id}
        )
    alert = await pressed(asha)
    await look(database)
    assert told(await seen(asha, alert)) == {"Devi": 0, "Meera": 1}
