"""A message is said once, reaches its reader in their language, and survives whatever fails on the way."""

import asyncio
import json
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import time_machine
from pydantic import ValidationError
from sqlalchemy import text
from tests.conftest import newcomer
from tests.features.sharing.cast import shared, somebody

from ojas.features.identity import service as identity
from ojas.features.notifications import service
from ojas.features.notifications.channels import Parcel
from ojas.features.notifications.channels.email import Email
from ojas.features.notifications.rules import Channel, Outcome, Topic, Urgency
from ojas.features.notifications.schemas import Params, Said, Wishes
from ojas.features.notifications.service import delivering
from ojas.features.sharing import service as sharing
from ojas.kit import clock
from ojas.kit.db import Access, Database, Tx
from ojas.kit.db.access import unenforced
from ojas.kit.errors import Forbidden, NotFound
from ojas.kit.i18n import _
from ojas.kit.ids import new_id
from ojas.kit.jobs import Context

from .conftest import Keeper, Reader, a_reader

NOON = datetime(2027, 3, 1, 12, tzinfo=ZoneInfo("Asia/Kolkata"))


@service.kind("tests.dose", topic=Topic.MEDICATION, scope="measurements")
def DOSE(params: Params) -> Said:  # noqa: N802
    return Said(_("Saved."), str(params["name"]), "/notifications")


async def say(
    database: Database, person_id: UUID, to: UUID, urgency: Urgency = Urgency.HIGH, **more: object
) -> UUID:
    async with database.transaction(Access.of(person_id)) as tx:
        return await service.notify(
            tx,
            person_id,
            DOSE,
            to=to,
            urgency=urgency,
            key=str(more.pop("key", new_id())),
            params={"name": "Metoprolol"},
            **more,  # type: ignore[arg-type]
        )


async def deliver(context: Context) -> None:
    while await service.DELIVER.look(context):
        pass


async def states(database: Database, person_id: UUID) -> dict[str, tuple[str, int]]:
    async with database.transaction(Access.of(person_id)) as tx:
        rows = await tx.session.execute(
            text("SELECT channel, state, attempts FROM deliveries WHERE person_id = :p"), {"p": person_id}
        )
    return {channel: (state, attempts) for channel, state, attempts in rows}


async def inbox_of(database: Database, reader: Reader, *allowed: UUID) -> list[str]:
    """What a reader sees who may read readings of ``allowed``."""
    persons = frozenset({reader.person_id, *allowed})
    access = Access(reader.account_id, {"measurements": persons, "profile": frozenset({reader.person_id})})
    async with database.transaction(access) as tx:
        found, _following = await service.inbox(tx, reader.account_id)
    return [notice.text for notice in found]


async def test_a_message_stands_on_the_page_and_comes_by_letter(
    database: Database, context: Context, keeper: Keeper, reader: Reader
) -> None:
    await say(database, reader.person_id, reader.account_id)
    await deliver(context)
    assert await inbox_of(database, reader) == ["Metoprolol"]
    (letter,) = keeper.to(reader.email)
    assert letter["Subject"] == "Saved."
    assert "Metoprolol" in letter.get_content()
    assert await states(database, reader.person_id) == {"in_app": ("handed", 0), "email": ("handed", 1)}


async def test_it_is_said_in_its_readers_language(
    database: Database, context: Context, keeper: Keeper
) -> None:
    reader = await a_reader(database, "ta")
    await say(database, reader.person_id, reader.account_id)
    await deliver(context)
    (letter,) = keeper.to(reader.email)
    assert letter["Subject"] == "சேமிக்கப்பட்டது."
    assert letter["Content-Language"] == "ta"


async def test_the_same_occasion_is_one_message(
    database: Database, context: Context, keeper: Keeper, reader: Reader
) -> None:
    first = await say(database, reader.person_id, reader.account_id, key="dose 1")
    assert await say(database, reader.person_id, reader.account_id, key="dose 1") == first
    await deliver(context)
    assert len(keeper.to(reader.email)) == 1


async def test_of_another_person_it_is_read_while_that_may_be_seen_and_no_longer(
    database: Database, person_id: UUID, reader: Reader
) -> None:
    await say(database, person_id, reader.account_id)
    assert await inbox_of(database, reader, person_id) == ["Metoprolol"]
    assert await inbox_of(database, reader) == []
    with unenforced():
        assert await inbox_of(database, reader) == []


async def test_no_letter_goes_to_somebody_whose_share_ended_while_it_waited(
    database: Database, context: Context, keeper: Keeper
) -> None:
    asha, rao = await somebody(database, "Asha"), await somebody(database, "Rao")
    grant = await shared(asha, rao, "measurements")
    await say(database, asha.person_id, rao.account_id)
    await deliver(context)
    assert len(keeper.to(rao.email)) == 1
    await say(database, asha.person_id, rao.account_id)
    async with asha.transaction() as tx:
        await sharing.take_back(tx, asha.person_id, grant.id)
    await deliver(context)
    assert len(keeper.to(rao.email)) == 1


async def test_nobody_reads_what_another_was_told(
    database: Database, person_id: UUID, reader: Reader
) -> None:
    message = await say(database, person_id, reader.account_id)
    other = await a_reader(database)
    assert await inbox_of(database, other, person_id) == []
    everything = Access(other.account_id, {"measurements": frozenset({person_id})})
    async with database.transaction(everything) as tx:
        with pytest.raises(NotFound):
            await service.mark_read(tx, other.account_id, message)
        with unenforced(), pytest.raises(NotFound):
            await service.mark_read(tx, reader.account_id, message)


async def test_who_may_not_write_messages_of_a_person_says_nothing(
    database: Database, person_id: UUID, reader: Reader
) -> None:
    access = Access(reader.account_id, {"measurements": frozenset({person_id})})
    async with database.transaction(access) as tx:
        with pytest.raises(Forbidden):
            await service.notify(
                tx, person_id, DOSE, to=reader.account_id, urgency=Urgency.HIGH, key="x", params={"name": "x"}
            )


async def test_a_server_that_fails_is_asked_again_later_and_then_takes_it(
    database: Database, context: Context, keeper: Keeper, reader: Reader
) -> None:
    keeper.answer = "451 come back later"
    await say(database, reader.person_id, reader.account_id)
    await deliver(context)
    assert (await states(database, reader.person_id))["email"] == ("waiting", 1)
    keeper.answer = None
    await deliver(context)
    assert keeper.to(reader.email) == [], "it came back at once"
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        await deliver(context)
    assert len(keeper.to(reader.email)) == 1
    assert (await states(database, reader.person_id))["email"] == ("handed", 2)


async def test_a_channel_that_breaks_or_hangs_keeps_no_other_letter_from_being_written_down(
    database: Database, context: Context, keeper: Keeper, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, hanging = await a_reader(database), await a_reader(database)
    whole = Email.hand

    async def hand(self: Email, parcel: Parcel) -> Outcome:
        if parcel.address.to == broken.email:
            raise ZeroDivisionError
        if parcel.address.to == hanging.email:
            await asyncio.sleep(3600)
        return await whole(self, parcel)

    monkeypatch.setattr(Email, "hand", hand)
    monkeypatch.setattr(delivering, "_PATIENCE_S", 0.5)
    for one in (broken, hanging, reader):
        await say(database, one.person_id, one.account_id)
    await deliver(context)
    found = [(await states(database, one.person_id))["email"] for one in (broken, hanging, reader)]
    assert found == [("waiting", 1), ("waiting", 1), ("handed", 1)]


async def test_what_fails_for_days_is_given_up_and_kept_as_such(
    database: Database, context: Context, keeper: Keeper, reader: Reader
) -> None:
    keeper.answer = "451 come back later"
    await say(database, reader.person_id, reader.account_id)
    with time_machine.travel(clock.now() + timedelta(days=4)):
        await deliver(context)
    assert (await states(database, reader.person_id))["email"] == ("dead", 1)


async def test_a_worker_that_dies_with_a_claim_repeats_and_loses_nothing(
    database: Database, context: Context, keeper: Keeper, reader: Reader
) -> None:
    await say(database, reader.person_id, reader.account_id)
    async with database.transaction(Access.system("deliveries")) as tx:
        claimed = await _claimed(tx)
    assert reader.person_id in claimed
    await deliver(context)
    assert keeper.to(reader.email) == [], "another holds it"
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        await deliver(context)
    assert len(keeper.to(reader.email)) == 1


async def _claimed(tx: Tx) -> set[UUID]:
    from ojas.features.notifications import queries

    return {one.person_id for one in await queries.claim(tx, clock.now(), 10_000, channels=list(Channel))}


async def test_at_night_it_waits_for_the_morning_but_what_is_urgent_does_not(
    database: Database, context: Context, keeper: Keeper, reader: Reader
) -> None:
    async with database.transaction(Access.of(reader.person_id, account_id=reader.account_id)) as tx:
        await service.wish(tx, reader.account_id, Wishes(quiet_start=time(22), quiet_end=time(7)))
    with time_machine.travel(NOON.replace(hour=23), tick=False) as traveller:
        await say(database, reader.person_id, reader.account_id)
        await deliver(context)
        assert keeper.to(reader.email) == []
        await say(database, reader.person_id, reader.account_id, Urgency.URGENT)
        await deliver(context)
        assert len(keeper.to(reader.email)) == 1
        traveller.shift(timedelta(hours=8))
        await deliver(context)
        assert len(keeper.to(reader.email)) == 2


async def test_what_can_wait_comes_together_once_a_day(
    database: Database, context: Context, keeper: Keeper, reader: Reader
) -> None:
    with time_machine.travel(NOON, tick=False) as traveller:
        for _again in range(3):
            await say(database, reader.person_id, reader.account_id, Urgency.LOW)
        traveller.shift(timedelta(hours=6, seconds=1))
        await deliver(context)
    (letter,) = keeper.to(reader.email)
    assert letter["Subject"] == "3 messages from Ojas"
    assert letter.get_content().count("Metoprolol") == 3


async def test_what_is_switched_off_is_not_sent_unless_it_is_urgent(
    database: Database, context: Context, keeper: Keeper, reader: Reader
) -> None:
    async with database.transaction(Access.of(reader.person_id, account_id=reader.account_id)) as tx:
        await service.wish(
            tx, reader.account_id, Wishes(channels={Topic.MEDICATION: frozenset({Channel.IN_APP})})
        )
    await say(database, reader.person_id, reader.account_id)
    await deliver(context)
    assert keeper.to(reader.email) == []
    await say(database, reader.person_id, reader.account_id, Urgency.EMERGENCY)
    await deliver(context)
    assert len(keeper.to(reader.email)) == 1


async def test_a_message_past_its_time_is_not_sent(
    database: Database, context: Context, keeper: Keeper, reader: Reader
) -> None:
    await say(database, reader.person_id, reader.account_id, expires_at=clock.now() + timedelta(minutes=30))
    with time_machine.travel(clock.now() + timedelta(hours=1)):
        await deliver(context)
    assert keeper.to(reader.email) == []
    assert (await states(database, reader.person_id))["email"][0] == "refused"


async def test_a_closed_account_is_told_nothing(database: Database, person_id: UUID) -> None:
    with pytest.raises(NotFound):
        await say(database, person_id, new_id())


async def test_what_somebody_was_told_of_another_ends_with_their_account(
    database: Database, person_id: UUID, reader: Reader
) -> None:
    await say(database, person_id, reader.account_id)
    async with database.transaction(Access.of(reader.person_id)) as tx:
        await identity.erase_person(tx, reader.person_id)
    assert await states(database, person_id) == {}


async def test_what_was_said_about_somebody_leaves_with_their_export_and_ends_with_them(
    database: Database, reader: Reader
) -> None:
    person_id = await newcomer(database)
    await say(database, person_id, reader.account_id)
    async with database.transaction(Access.of(person_id)) as tx:
        assert [line["values"] async for line in service.export(tx, person_id)] == [{"name": "Metoprolol"}]
        await service.erase(tx, person_id)
    assert await states(database, person_id) == {}
    assert await inbox_of(database, reader, person_id) == []


async def test_what_cannot_be_put_into_words_keeps_nothing_else_from_leaving(
    database: Database, context: Context, reader: Reader, keeper: Keeper
) -> None:
    other = await a_reader(database)
    async with database.transaction(Access.system("sign_in")) as tx:
        both = {"both": [reader.account_id, other.account_id]}
        await tx.session.execute(text("UPDATE accounts SET verified_at = now() WHERE id = ANY(:both)"), both)
    await say(database, other.person_id, other.account_id, Urgency.URGENT)
    async with database.transaction(Access.of(other.person_id)) as tx:
        damaged = "UPDATE messages SET sealed = sealed || '\\x00'::bytea WHERE person_id = :p"
        await tx.session.execute(text(damaged), {"p": other.person_id})
    await say(database, reader.person_id, reader.account_id, Urgency.URGENT)
    await deliver(context)
    assert len(keeper.to(reader.email)) == 1
    assert (await states(database, reader.person_id))["email"] == ("handed", 1)
    assert (await states(database, other.person_id))["email"] == ("waiting", 1), "it is tried again"


@pytest.mark.parametrize("field", ["quiet_start", "quiet_end", "digest_at"])
@pytest.mark.parametrize("at", ["22:00:00Z", "22:00:00+05:30"])
def test_a_time_of_day_with_a_zone_is_refused(field: str, at: str) -> None:
    """Compared with a wall clock it would raise whenever anything is said to its account."""
    with pytest.raises(ValidationError):
        Wishes.model_validate_json(
            json.dumps({"quiet_start": "21:00:00", "quiet_end": "07:00:00", field: at})
        )


async def test_a_letter_that_the_mail_server_thinks_about_holds_up_no_other(
    database: Database, context: Context, reader: Reader, keeper: Keeper
) -> None:
    other = await a_reader(database)
    keeper.slow = {other.email}
    await say(database, other.person_id, other.account_id)
    await service.DELIVER.look(context)
    assert (await states(database, other.person_id))["email"] == ("waiting", 1)
    assert (await states(database, other.person_id))["in_app"][0] == "handed", "on the page it is at once"
    await say(database, reader.person_id, reader.account_id)
    await service.DELIVER.look(context)
    assert len(keeper.to(reader.email)) == 1
    keeper.slow = set()
    await deliver(context)
    assert (await states(database, other.person_id))["email"] == ("handed", 1), "written down when it ended"


async def test_a_channel_that_hangs_is_given_no_more_and_others_go_on(
    database: Database, context: Context, reader: Reader, keeper: Keeper
) -> None:
    keeper.slow = {reader.email}
    for _number in range(12):
        await say(database, reader.person_id, reader.account_id)
    await service.DELIVER.look(context)
    other = await a_reader(database)
    await say(database, other.person_id, other.account_id)
    await service.DELIVER.look(context)
    assert (await states(database, other.person_id))["email"] == ("waiting", 0), (
        "not claimed: its lease would pass"
    )
    keeper.slow = set()
    await deliver(context)
    assert len(keeper.to(other.email)) == 1
    assert len(keeper.to(reader.email)) == 12
