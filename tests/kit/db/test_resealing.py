"""Keys are changed while everybody reads and writes: nothing unreadable, nothing left under the old, and the old then go."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import text
from tests.conftest import newcomer
from tests.features.identity.erasing.lives import READING, lived, superuser

from ojas.house import features
from ojas.kit import clock, crypto
from ojas.kit.db import Access, Base, Database, embedded, resealing
from ojas.kit.db.migrate import migrate
from ojas.kit.settings import Settings
from ojas.kit.upkeep import older_files, reseal_files

OLD = b"\x01\x00\x00\x00\x01"
"""How an envelope under version 1 begins."""


def under_the_old(cluster: embedded.Cluster, person_id: UUID, account_id: UUID) -> dict[str, int]:
    """Rows of a person in which some bytes are sealed under version 1, by a look at every column of bytes there is."""
    with psycopg.connect(superuser(cluster)) as reader:
        columns = reader.execute(
            "SELECT c.table_name, c.column_name, o.column_name FROM information_schema.columns c"
            " JOIN information_schema.columns o ON o.table_name = c.table_name AND o.table_schema = c.table_schema"
            " AND o.column_name IN ('person_id', 'account_id')"
            " JOIN pg_class t ON t.relname = c.table_name AND t.relkind IN ('r', 'p')"
            " WHERE c.table_schema = 'public' AND c.data_type = 'bytea' AND c.table_name NOT IN ('person_keys', 'answers')"
        ).fetchall()
        found = {}
        for table, column, owner in columns:
            n = reader.execute(
                f"SELECT count(*) FROM {table} WHERE {owner} = %s AND substr({column}, 1, 5) = %s",  # type: ignore[arg-type]
                [person_id if owner == "person_id" else account_id, OLD],
            ).fetchone()
            if n and n[0]:
                found[f"{table}.{column}"] = n[0]
    return found


@pytest.mark.timeout(240)
async def test_a_persons_key_is_changed_beside_reading_and_writing(
    app: FastAPI, settings: Settings, cluster: embedded.Cluster
) -> None:
    context = app.state.house
    database = context.database
    me = await lived(app, settings)
    before = under_the_old(cluster, me.id, me.account_id)
    assert {
        "readings.sealed",
        "fhir_resources.sealed",
        "signal_chunks.data",
        "audit_events.sealed",
        "accounts.sealed",
    } <= set(before)
    async with database.transaction(Access.of(me.id)) as tx:
        old = dict((await tx.keys(me.id)).versions)
        copy = (
            await tx.session.execute(text("SELECT id, sealed FROM grants WHERE person_id = :p"), {"p": me.id})
        ).one()
        assert await database.keyring.rotate(tx.session, me.id) == 2
    assert me.id in await resealing.behind(database)
    assert await resealing.left(database, me.id) > 5

    answers: list[int] = []

    async def busy() -> None:
        for _ in range(6):
            for path in ("/readings", "/profile", "/care-team", "/grants", "/imports"):
                answers.append((await me.ask("GET", f"/people/{me.id}{path}")).status_code)
            answers.append((await me.ask("POST", f"/people/{me.id}/readings", json=READING)).status_code)

    await asyncio.gather(busy(), resealing.reseal(database, me.id, batch=2))
    assert set(answers) <= {200, 201}
    await resealing.reseal(database, me.id)
    assert under_the_old(cluster, me.id, me.account_id) == {}
    assert await resealing.left(database, me.id) == 0

    # The archive of an export is soon to go and is not moved: its key waits for it.
    assert await reseal_files(context, me.id) == 1
    await context.objects.delete_all(f"{me.id}/exports")
    assert await reseal_files(context, me.id) == 0
    assert await older_files(context, me.id) == 0
    assert (await me.ask("GET", f"/people/{me.id}/picture")).status_code == 200

    assert await resealing.retire(database, me.id) == 0, "yesterday's transactions may hold it"
    with time_machine.travel(clock.now() + timedelta(days=2)):
        assert await resealing.retire(database, me.id) == 1
    assert me.id not in await resealing.behind(database)
    async with database.transaction(Access.of(me.id)) as tx:
        keys = await tx.keys(me.id)
        assert list(keys.versions) == [2]
        with pytest.raises(crypto.Unreadable, match="key"):
            keys.open(copy.sealed, "grants", copy.id)
    assert crypto.open_with(old, copy.sealed, me.id.bytes + copy.id.bytes + b"grants")
    for path in ("/readings", "/profile", "/profile/history", "/grants", "/imports", "/signals"):
        assert (await me.ask("GET", f"/people/{me.id}{path}")).status_code == 200, path
    assert (await me.ask("GET", "/account")).json()["email"] == me.email


async def test_a_sweep_that_is_cut_off_goes_on_where_it_begins_again(
    database: Database, person_id: UUID
) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        for n in range(5):
            id = UUID(int=n)
            sealed = await tx.seal(person_id, "care_team_members", id, b"here")
            await tx.session.execute(
                text("INSERT INTO care_team_members VALUES (:p, :i, 'other', false, 1, now(), now(), :s)"),
                {"p": person_id, "i": id, "s": sealed},
            )
        await database.keyring.rotate(tx.session, person_id)
    sweep = asyncio.create_task(resealing.reseal(database, person_id, batch=1))
    while await resealing.left(database, person_id) == 5:  # each look lets the sweep get on
        pass
    sweep.cancel()
    await asyncio.gather(sweep, return_exceptions=True)
    left = await resealing.left(database, person_id)
    assert left < 5
    assert await resealing.reseal(database, person_id) == left
    async with database.transaction(Access.of(person_id)) as tx:
        rows = await tx.session.execute(
            text("SELECT id, sealed FROM care_team_members WHERE person_id = :p"), {"p": person_id}
        )
        for id, sealed in rows.all():
            assert await tx.open(person_id, "care_team_members", id, sealed) == b"here"


async def test_the_trail_takes_the_same_content_under_a_newer_key_and_nothing_else(
    database: Database, person_id: UUID
) -> None:
    for was, fresh in (
        (b"\x01\x00\x00\x00\x01a", b"\x01\x00\x00\x00\x01b"),
        (b"\x01\x00\x00\x00\x01a", b"\x01\x00\x00\x00\x02ab"),
    ):
        with pytest.raises(Exception, match="newer key"):
            async with database.transaction(Access.of(person_id)) as tx:
                await tx.session.execute(
                    text("SELECT audit_resealed(:p, :p, :was, :fresh)"),
                    {"p": person_id, "was": was, "fresh": fresh},
                )
    with pytest.raises(Exception, match="permission denied"):
        async with database.transaction(Access.of(person_id)) as tx:
            await tx.session.execute(text("UPDATE audit_events SET sealed = NULL"))


def test_every_column_of_bytes_about_a_person_says_how_it_is_sealed_or_that_it_is_not() -> None:
    from sqlalchemy import LargeBinary

    open_ones = {
        ("accounts", "email_index"),  # an index without content
        ("grants", "invited_index"),
        ("addresses", "digest"),
        ("emergency_contacts", "address_hash"),
        ("emergency_cards", "digest"),  # of a code of 256 bits
        ("calendar_links", "digest"),
        ("person_keys", "wrapped"),  # by the master key
        ("erasures", "letter"),  # by the house
    }
    assert features()  # their tables are known once they are loaded, whichever test ran before
    declared = {(table.name, seal.column) for table, seal in resealing.seals()}
    for mapper in Base.registry.mappers:
        columns: Any = mapper.local_table.c
        if "person_id" not in columns:
            continue
        for column in columns:
            if isinstance(column.type, LargeBinary):
                assert (mapper.local_table.name, column.name) in declared | open_ones


@pytest.fixture(scope="module")
async def apart(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[str, Settings]]:
    """A database whose master key lies in a file of its own."""
    with embedded.scratch() as lease:
        await asyncio.to_thread(migrate, lease.cluster.dsn(embedded.OWNER))
        home: Path = tmp_path_factory.mktemp("apart")
        yield lease.cluster.dsn(embedded.APP), Settings(home=home, master_key=None)  # type: ignore[call-arg]


@pytest.mark.timeout(240)
async def test_a_new_master_key_holds_without_a_restart_and_the_old_one_goes(
    apart: tuple[str, Settings],
) -> None:
    conninfo, settings = apart
    load, file = partial(crypto.load, settings), crypto.FileSource(settings.home / "master.key")
    web, worker, command = (Database(conninfo, load(), reload=load) for _ in range(3))
    persons = [await newcomer(web) for _ in range(20)]
    first = load()
    index = web.keyring.master.derive("index:email")

    async def readable(database: Database) -> None:
        database.keyring.forget()
        for person in persons:
            async with database.transaction(Access.of(person)) as tx:
                assert (await tx.keys(person)).versions

    with pytest.raises(resealing.InUse, match="cannot be retired"):
        await resealing.retire_master(command, 7, file.save)
    file.save(load().rotated())

    async def arrive() -> None:
        for _ in range(10):
            persons.append(await newcomer(worker))

    assert await resealing.wrapped(command) == {1: 20}
    await readable(web)
    with pytest.raises(resealing.InUse, match="still wraps 20"):
        await resealing.retire_master(command, 1, file.save)
    await asyncio.gather(arrive(), resealing.rewrap(command, batch=3), readable(web))
    await resealing.rewrap(command)
    assert await resealing.wrapped(command) == {2: 30}
    await asyncio.gather(readable(web), readable(worker))

    await asyncio.gather(resealing.retire_master(command, 1, file.save), arrive())
    assert load().versions == (2,)
    await asyncio.gather(readable(web), readable(worker))
    assert await resealing.wrapped(command) == {2: 40}
    assert load().derive("index:email") == index
    async with command.transaction(Access.of(persons[0])) as tx:
        wrapped = await tx.session.scalar(
            text("SELECT wrapped FROM person_keys WHERE person_id = :p"), {"p": persons[0]}
        )
    with pytest.raises(crypto.Unreadable, match="key"):
        first.unwrap(persons[0], 1, wrapped)
    for database in (web, worker, command):
        await database.close()
