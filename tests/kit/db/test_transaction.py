import asyncio
from contextlib import AsyncExitStack
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from tests.conftest import newcomer

from ojas.kit import audit
from ojas.kit.db import Access, Database, Tx, transaction
from ojas.kit.db.access import SCOPES
from ojas.kit.errors import Forbidden, NotFound


async def test_nothing_of_an_access_outlives_its_transaction(database: Database, person_id: UUID) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        backend = await tx.session.scalar(text("SELECT pg_backend_pid()"))
    for _ in range(20):
        async with database.transaction() as tx:
            seen = await tx.session.scalar(text("SELECT count(*) FROM person_keys"))
            same = await tx.session.scalar(text("SELECT pg_backend_pid()")) == backend
        assert seen == 0
        if same:
            return
    pytest.fail("the pool never gave the same connection again")


async def test_connections_that_nobody_needs_are_closed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = Database(database.conninfo, database.keyring.master)
    monkeypatch.setattr(transaction, "_REST_S", 0.2)
    async with AsyncExitStack() as crowd:
        backends = {await backend_of(await crowd.enter_async_context(house.transaction())) for _ in range(5)}
    resting = asyncio.create_task(house.rest())
    try:
        for _moment in range(200):
            async with database.transaction() as tx:
                if not await tx.session.scalar(LIVING, {"pids": list(backends)}):
                    break
            await asyncio.sleep(0.1)
        else:
            pytest.fail("they live on")
        async with house.transaction() as tx:
            first = await backend_of(tx)
        await asyncio.sleep(0.6)
        async with house.transaction() as tx:
            assert await backend_of(tx) == first, "one that is used now and then stays"
    finally:
        resting.cancel()
        await house.close()


LIVING = text("SELECT count(*) FROM pg_stat_activity WHERE pid = ANY (:pids)")


async def backend_of(tx: Tx) -> int:
    found: int = await tx.session.scalar(text("SELECT pg_backend_pid()"))
    return found


async def test_to_become_somebody_else_is_to_stop_being_who_one_was(
    database: Database, person_id: UUID
) -> None:
    other = await newcomer(database)
    async with database.transaction(Access.of(person_id)) as tx:
        await tx.become(Access.of(other))
        seen = set(await tx.session.scalars(text("SELECT person_id FROM person_keys")))
    assert seen == {other}


@pytest.mark.parametrize("raised", [NotFound("gone"), RuntimeError("a bug")])
async def test_whatever_is_raised_while_acting_nobody_keeps_more_than_they_had(
    database: Database, person_id: UUID, raised: Exception
) -> None:
    own = Access.of(person_id)
    async with database.transaction(own) as tx:
        with pytest.raises(type(raised)):
            async with tx.acting(Access.system("sign_in")):
                raise raised
        assert tx.access is own
        assert await tx.session.scalar(text("SELECT current_setting('ojas.area', true)")) == ""


async def test_a_dead_transaction_ends_acting_too(database: Database, person_id: UUID) -> None:
    own = Access.of(person_id)
    with pytest.raises(ProgrammingError):
        async with database.transaction(own) as tx:
            try:
                async with tx.acting(Access.system("sign_in")):
                    await tx.session.execute(text("SELECT no_such_column"))
            finally:
                assert tx.access is own


async def test_keys_a_process_remembers_open_nothing_for_a_transaction_without_access(
    database: Database, person_id: UUID
) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        sealed = await tx.seal(person_id, "things", person_id, b"quiet")
    async with database.transaction() as tx:
        with pytest.raises(NotFound):
            await tx.open(person_id, "things", person_id, sealed)


async def test_a_key_version_that_was_rolled_back_never_seals(database: Database, person_id: UUID) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.transaction(Access.of(person_id)) as tx:
            await database.keyring.rotate(tx.session, person_id)
            await tx.seal(person_id, "things", person_id, b"x")
            raise ZeroDivisionError
    async with database.transaction(Access.of(person_id)) as tx:
        sealed = await tx.seal(person_id, "things", person_id, b"kept")
    database.keyring.forget()
    async with database.transaction(Access.of(person_id)) as tx:
        assert await tx.open(person_id, "things", person_id, sealed) == b"kept"


async def test_the_trail_can_be_added_to_and_neither_changed_nor_deleted(
    database: Database, person_id: UUID
) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        audit.looked(tx, person_id, "things")
    for statement in (
        "UPDATE audit_events SET action = 'x'",
        "DELETE FROM audit_events",
        "TRUNCATE audit_events",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with database.transaction(Access.of(person_id)) as tx:
                await tx.session.execute(text(statement))


async def test_an_audit_row_is_small(database: Database, person_id: UUID) -> None:
    async with database.transaction(Access.of(person_id, account_id=person_id)) as tx:
        audit.looked(tx, person_id, "readings", "signals", "conditions")
    async with database.transaction(Access.of(person_id)) as tx:
        size = await tx.session.scalar(text("SELECT max(pg_column_size(a.*)) FROM audit_events a"))
    assert size <= 300


def test_access_says_what_is_missing_only_to_those_who_know_the_person() -> None:
    person, stranger = UUID(int=1), UUID(int=2)
    doctor = Access(may_read={"measurements": frozenset({person})})
    doctor.require("measurements", person)
    with pytest.raises(Forbidden):
        doctor.require("measurements", person, write=True)
    with pytest.raises(Forbidden):
        doctor.require("signals", person)
    with pytest.raises(NotFound):
        doctor.require("measurements", stranger)


@pytest.mark.parametrize("scope", ["a'b", "a b", "A", "a;", ""])
def test_a_scope_that_is_no_bare_name_never_reaches_sql(scope: str) -> None:
    access = Access(may_read={scope: frozenset({UUID(int=1)})})
    with pytest.raises(ValueError, match="not a scope"):
        access.settings()


def test_a_person_holds_every_scope_of_their_own() -> None:
    person = UUID(int=1)
    assert all(Access.of(person).allows(scope, person, write=True) for scope in SCOPES)
