"""Every table of a person, tried row by row by everybody who must not reach it: by the database alone, with raw SQL.

On a cluster of its own, whose constraints are dropped: so each table, those of features to come too, holds one bare row
of the patient's without anybody writing a row for it here.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from ojas.features.sharing.rules import MANAGE, OWNER, Right, rights_of
from ojas.house import features
from ojas.kit import crypto
from ojas.kit.db import SCOPES, Access, Base, Database, embedded
from ojas.kit.db.migrate import migrate
from ojas.kit.ids import new_id

features()
ASHA, RAO = new_id(), new_id()
ACCOUNT = new_id()


@dataclass(frozen=True)
class Table:
    name: str
    scope: str
    key: tuple[str, ...]

    def __str__(self) -> str:
        return self.name


def _tables() -> list[Table]:
    found = []
    for mapper in Base.registry.mappers:
        scope = getattr(mapper.class_, "__scope__", None)
        if scope and mapper.class_.__module__.startswith("ojas."):
            table = mapper.local_table
            found.append(Table(table.name, scope, tuple(column.name for column in table.primary_key.columns)))
    return sorted(found, key=str)


TABLES = _tables()


@pytest.fixture(scope="module")
def bare() -> Iterator[embedded.Cluster]:
    with embedded.scratch() as lease:
        migrate(lease.cluster.dsn(embedded.OWNER))
        with psycopg.connect(lease.cluster.dsn(embedded.OWNER), autocommit=True) as owner:
            _loosen(owner)
            for table in TABLES:
                _plant(owner, table)
        yield lease.cluster


@pytest.fixture(scope="module")
async def database(bare: embedded.Cluster) -> AsyncIterator[Database]:
    opened = Database(bare.dsn(embedded.APP), crypto.MasterKeys.new())
    yield opened
    await opened.close()


def _loosen(owner: psycopg.Connection) -> None:
    rows = owner.execute(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype IN ('c', 'f') "
        "AND connamespace = 'public'::regnamespace AND conparentid = 0 ORDER BY contype DESC"
    ).fetchall()
    for table, name in rows:
        owner.execute(f'ALTER TABLE {table} DROP CONSTRAINT IF EXISTS "{name}"')
    for table in TABLES:
        columns = owner.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND attnotnull "
            "AND NOT attisdropped",
            [table.name],
        ).fetchall()
        for (column,) in columns:
            if column not in table.key:
                owner.execute(f'ALTER TABLE {table.name} ALTER COLUMN "{column}" DROP NOT NULL')


def _plant(owner: psycopg.Connection, table: Table) -> None:
    # The owner is bound by the policies too (FORCE), so it plants with the patient's own rights.
    with owner.transaction():
        for way in ("read", "write"):
            owner.execute(f"SET LOCAL ojas.may_{way}_{table.scope} = '{ASHA}'")
        owner.execute(
            f"INSERT INTO {table.name} ({', '.join(table.key)}) VALUES ({_values(owner, table, ASHA)})"
        )


def _values(owner: psycopg.Connection, table: Table, person: object) -> str:
    kinds = dict(
        owner.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s",
            [table.name],
        ).fetchall()
    )
    return ", ".join(f"'{person}'" if name == "person_id" else _some(kinds[name]) for name in table.key)


def _some(kind: str) -> str:
    samples = {"uuid": f"'{new_id()}'", "text": "'x'", "bytea": "'x'", "date": "'2026-01-01'"}
    return samples.get(kind, "'2026-01-01T00:00Z'" if kind.startswith("timestamp") else "1")


def granted(*scopes: str, write: bool = False, manage: bool = False) -> Access:
    """What a doctor has by one grant of the patient's, as the edge would make it."""
    right = Right(ASHA, "share", frozenset(scopes), write, manage, "TREAT")
    found = rights_of(RAO, [right] if scopes else [], SCOPES)
    return Access(ACCOUNT, found.read, found.write, purposes=found.purposes)


async def _sees(database: Database, access: Access, table: Table) -> int:
    async with database.transaction(access) as tx:
        count = await tx.session.scalar(
            text(f"SELECT count(*) FROM {table.name} WHERE person_id = :p"), {"p": ASHA}
        )
        return int(count or 0)


async def _writes(database: Database, access: Access, table: Table) -> dict[str, bool]:
    """Which of insert, update and delete reach the patient's row, the only one there is.

    Without WHERE: a statement that reads no column is not held to the policy for reading.
    """
    values = dict(zip(table.key, await _sample(database, table), strict=True))
    columns, row = ", ".join(values), ", ".join(values.values())
    last = table.key[-1]
    return {
        "insert": await _done(database, access, f"INSERT INTO {table.name} ({columns}) VALUES ({row})"),
        "update": await _done(database, access, f"UPDATE {table.name} SET {last} = {values[last]}"),
        "delete": await _done(database, access, f"DELETE FROM {table.name}"),
    }


async def _done(database: Database, access: Access, statement: str) -> bool:
    """Whether a statement changes anything; it is undone."""
    try:
        async with database.transaction(access) as tx:
            result = await tx.session.execute(text(statement))
            raise _Undo(result.rowcount > 0)  # type: ignore[attr-defined]
    except _Undo as undone:
        return bool(undone.args[0])
    except IntegrityError:
        return True  # a constraint is looked at only once row security let the row pass
    except ProgrammingError as refused:
        if isinstance(refused.orig, psycopg.errors.InsufficientPrivilege):
            return False
        raise


async def _sample(database: Database, table: Table) -> list[str]:
    """A fresh key of the patient's, as literals."""
    query = text("SELECT column_name, data_type FROM information_schema.columns WHERE table_name = :t")
    async with database.transaction() as tx:
        kinds = dict((await tx.session.execute(query, {"t": table.name})).all())
    return [f"'{ASHA}'" if name == "person_id" else _some(kinds[name]) for name in table.key]


class _Undo(Exception):
    """Rolls a try back."""


OTHERS = {
    "a stranger": Access.of(RAO, account_id=ACCOUNT),
    "nobody": Access(),
    "somebody whose grant ended": granted(),
}


def test_the_walk_finds_tables_of_many_features() -> None:
    assert {"grants", "consents", "care_team_members", "person_keys", "audit_events"} <= {
        t.name for t in TABLES
    }
    assert len({table.scope for table in TABLES}) >= 5


@pytest.mark.parametrize("table", TABLES, ids=str)
async def test_the_person_sees_and_changes_their_own(database: Database, table: Table) -> None:
    access = Access.of(ASHA)
    assert await _sees(database, access, table) == 1
    done = await _writes(database, access, table)
    append_only = table.name in ("audit_events", "consents")
    assert done == {"insert": True, "update": not append_only, "delete": not append_only}


@pytest.mark.parametrize("who", OTHERS)
@pytest.mark.parametrize("table", TABLES, ids=str)
async def test_others_see_and_change_nothing(database: Database, table: Table, who: str) -> None:
    assert await _sees(database, OTHERS[who], table) == 0
    assert not any((await _writes(database, OTHERS[who], table)).values())


@pytest.mark.parametrize("table", [t for t in TABLES if t.scope not in ("keys", OWNER, *MANAGE)], ids=str)
async def test_a_grant_to_read_shows_and_changes_nothing(database: Database, table: Table) -> None:
    access = granted(table.scope)
    assert await _sees(database, access, table) == 1
    assert not any((await _writes(database, access, table)).values())


@pytest.mark.parametrize("table", [t for t in TABLES if t.scope not in ("keys", OWNER, *MANAGE)], ids=str)
async def test_a_grant_to_write_reaches_its_scope(database: Database, table: Table) -> None:
    done = await _writes(database, granted(table.scope, write=True), table)
    assert done == {"insert": True, "update": True, "delete": True}


@pytest.mark.parametrize("table", TABLES, ids=str)
async def test_every_other_scope_together_does_not_open_it(database: Database, table: Table) -> None:
    others = SCOPES - {table.scope, OWNER, *MANAGE, "keys"}
    access = granted(*others, write=True)
    # Whoever may see anything of a person needs their key to open it, and leaves a mark in their trail.
    assert await _sees(database, access, table) == (1 if table.scope == "keys" else 0)
    done = await _writes(database, access, table)
    assert done == {"insert": table.scope == "audit", "update": False, "delete": False}


@pytest.mark.parametrize("table", [t for t in TABLES if t.scope in MANAGE], ids=str)
async def test_managing_opens_sharing_and_the_trail_alone(database: Database, table: Table) -> None:
    assert await _sees(database, granted("profile", manage=True), table) == 1
    hidden = [t for t in TABLES if t.scope not in {"profile", "keys", *MANAGE}]
    for other in hidden:
        assert await _sees(database, granted("profile", manage=True), other) == 0, other
