"""Moving what older keys sealed to the newest, a few rows at a time, beside everything else; and letting the old keys go.

Two things are moved: people's keys from one version of the master key to the next (``rewrap``), and what a person's older
keys sealed to the newest of them (``reseal``). Neither keeps a place: what is left is what says so itself, by the version in
its envelope, so that a sweep that is killed goes on wherever it begins again.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Table, func, literal, select, text, tuple_, update

from ojas.kit import clock
from ojas.kit.db.access import Access
from ojas.kit.db.keyring import PersonKey
from ojas.kit.db.models import Base, Seal
from ojas.kit.db.transaction import Database, Tx

if TYPE_CHECKING:
    from ojas.kit.crypto import MasterKeys

BATCH = 200
REST = timedelta(days=1)
"""How long a superseded key still lives: no transaction, page or import that took it before is then still at work."""
HOUSE = "housekeeping"


class InUse(Exception):  # a state of the keys, in words for the one who runs the house
    """A version of the master key that cannot go."""


async def rewrap(database: Database, *, batch: int = BATCH) -> int:
    """Wrap every person's keys by the newest master key. Answers how many were not yet."""
    database.keyring.renew()
    done = 0
    while persons := await _wrapped_before(database, database.keyring.master.version, batch):
        for person_id in persons:
            async with database.transaction(Access.of(person_id)) as tx:
                done += await _rewrap(tx, person_id)
    return done


async def wrapped(database: Database) -> dict[int, int]:
    """How many keys each version of the master key wraps."""
    version = func.substr(PersonKey.wrapped, 2, 4)
    async with database.transaction(Access.system(HOUSE)) as tx:
        rows = await tx.session.execute(select(version, func.count()).group_by(version))
        return {int.from_bytes(row[0], "big"): row[1] for row in rows}


async def retire_master(database: Database, version: int, keep: "Callable[[MasterKeys], None]") -> None:
    """Hand the master keys without ``version`` to ``keep``, once nothing is wrapped by it.

    Raises:
        InUse: it wraps something still, or is the newest, or none.
    """
    async with database.transaction(Access.system(HOUSE)) as tx:
        # Whoever makes a key waits here, and afterwards reads the master keys anew before it wraps.
        await tx.session.execute(text("LOCK TABLE person_keys IN SHARE MODE"))
        old = func.substr(PersonKey.wrapped, 2, 4) == _bytes(version)
        left = await tx.session.scalar(select(func.count()).select_from(PersonKey).where(old))
        if left:
            raise InUse(f"Version {version} still wraps {left} keys; run: ojas keys rotate --finish")
        database.keyring.renew()
        try:
            fresh = database.keyring.master.retired(version)
        except ValueError as problem:
            raise InUse(f"Version {version} cannot be retired: {problem}.") from None
        keep(fresh)
        database.keyring.renew()


async def everybody(database: Database) -> list[UUID]:
    """Everybody who has a key."""
    async with database.transaction(Access.system(HOUSE)) as tx:
        return list(await tx.session.scalars(select(PersonKey.person_id).distinct()))


async def behind(database: Database) -> list[UUID]:
    """Persons who have older keys beside the newest."""
    async with database.transaction(Access.system(HOUSE)) as tx:
        query = select(PersonKey.person_id).group_by(PersonKey.person_id).having(func.count() > 1)
        return list(await tx.session.scalars(query.order_by(PersonKey.person_id)))


async def left(database: Database, person_id: UUID) -> int:
    """How many rows an older key of a person sealed."""
    n = 0
    for table, seal in seals():
        async with database.transaction(_all_of(person_id, seal)) as tx:
            newest = await _newest(tx, person_id)
            query = select(func.count()).select_from(table).where(*_old(table, seal, person_id, newest))
            n += await tx.session.scalar(query) or 0
    return n


async def reseal(database: Database, person_id: UUID, *, batch: int = BATCH) -> int:
    """Seal under a person's newest key what older ones sealed. Answers how many rows.

    What somebody writes meanwhile is not touched: a row is replaced only while it is as it was read.
    """
    database.keyring.forget(person_id)  # a minute ago the newest may have been another
    done = 0
    for table, seal in seals():
        after: tuple[Any, ...] | None = None
        while True:
            async with database.transaction(_all_of(person_id, seal)) as tx:
                moved, after = await _batch(tx, table, seal, person_id, after, batch)
            done += moved
            if after is None:
                break
    return done


async def retire(database: Database, person_id: UUID) -> int:
    """Destroy a person's older keys once nothing is sealed by them and they have rested. Answers how many."""
    if await left(database, person_id):
        return 0
    async with database.transaction(Access.of(person_id)) as tx:
        mine = PersonKey.person_id == person_id
        made = await tx.session.scalar(select(func.max(PersonKey.created_at)).where(mine))
        if made is None or made > clock.now() - REST:
            return 0
        newest = await _newest(tx, person_id)
        rows = await tx.session.scalars(
            PersonKey.__table__.delete().where(mine, PersonKey.version < newest).returning(PersonKey.version)  # type: ignore[attr-defined]
        )
        gone = len(rows.all())
    database.keyring.forget(person_id)
    return gone


def seals() -> Iterator[tuple[Table, Seal]]:
    """Every column that is sealed under people's keys, as the models declare."""
    for mapper in sorted(Base.registry.mappers, key=lambda m: str(m.local_table)):
        table = mapper.local_table
        assert isinstance(table, Table)
        for seal in mapper.class_.__seals__:
            yield table, seal


async def _batch(
    tx: Tx, table: Table, seal: Seal, person_id: UUID, after: tuple[Any, ...] | None, batch: int
) -> tuple[int, tuple[Any, ...] | None]:
    """Move one batch after a place. Answers how many, and the place to go on from; None at the end."""
    keys, place = await tx.keys(person_id), tuple_(*table.primary_key.columns)
    query = select(table).where(*_old(table, seal, person_id, max(keys.versions)))
    if after is not None:
        query = query.where(place > after)
    rows = (await tx.session.execute(query.order_by(*table.primary_key.columns).limit(batch))).all()
    moved = 0
    for row in rows:
        label, bound = seal.label or table.name, seal.place(row)
        was = getattr(row, seal.column)
        fresh = keys.seal(keys.open(was, label, bound), label, bound)
        moved += await _replace(tx, table, seal, row, was, fresh)
    ended = len(rows) < batch
    return moved, None if ended else tuple(getattr(rows[-1], c.name) for c in table.primary_key.columns)


async def _replace(tx: Tx, table: Table, seal: Seal, row: Any, was: bytes, fresh: bytes) -> int:
    if seal.by:
        # What nobody may change is changed by a function of the owner's, which takes the same content under a newer key alone.
        given = {"person": row.person_id, "id": row.id, "was": was, "fresh": fresh}
        return await tx.session.scalar(text(f"SELECT {seal.by}(:person, :id, :was, :fresh)"), given) or 0
    column = table.c[seal.column]
    same = [c == getattr(row, c.name) for c in table.primary_key.columns]
    done = await tx.session.execute(update(table).where(*same, column == was).values({column: fresh}))
    return int(done.rowcount)  # type: ignore[attr-defined]  # an update counts


def _old(table: Table, seal: Seal, person_id: UUID, newest: int) -> list[ColumnElement[bool]]:
    column = table.c[seal.column]
    whose = seal.whose(person_id) if seal.whose else table.c.person_id == person_id
    return [whose, column.is_not(None), func.substr(column, 2, 4) < _bytes(newest)]


def _all_of(person_id: UUID, seal: Seal) -> Access:
    return replace(Access.of(person_id), area=seal.area)


async def _newest(tx: Tx, person_id: UUID) -> int:
    query = select(func.max(PersonKey.version)).where(PersonKey.person_id == person_id)
    return await tx.session.scalar(query) or 0


async def _wrapped_before(database: Database, version: int, limit: int) -> list[UUID]:
    async with database.transaction(Access.system(HOUSE)) as tx:
        query = select(PersonKey.person_id).where(func.substr(PersonKey.wrapped, 2, 4) < _bytes(version))
        return list(await tx.session.scalars(query.distinct().limit(limit)))


async def _rewrap(tx: Tx, person_id: UUID) -> int:
    rows = await tx.session.scalars(
        select(PersonKey).where(PersonKey.person_id == person_id).with_for_update()
    )
    done = 0
    for row in rows:
        fresh = tx.database.keyring.master.rewrap(person_id, row.version, row.wrapped)
        if fresh is not None:
            row.wrapped = fresh
            done += 1
    return done


def _bytes(version: int) -> BindParameter[bytes]:
    return literal(version.to_bytes(4, "big"))
