"""The list of things a person owns, on a table made for this test."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.errors import InsufficientPrivilege
from pydantic import BaseModel, ConfigDict
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import DeclarativeBase, Mapped
from tests.conftest import newcomer

from ojas.kit.collection import Collection, Kept
from ojas.kit.db import Access, Base, Database, Owned, embedded, security, unenforced
from ojas.kit.errors import Conflict, Forbidden, Incorrect, NotFound, Stale
from ojas.kit.ids import new_id


class Toys(DeclarativeBase):
    """Apart from the house's own tables, which other tests walk: this one exists in this file alone."""

    type_annotation_map = Base.type_annotation_map


class Gadget(Owned, Toys):
    __tablename__ = "gadgets"
    __scope__ = "gadgets"

    made_at: Mapped[datetime]
    shade: Mapped[str | None]


class GadgetDraft(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    made_at: datetime
    shade: str | None = None
    secret: str


class GadgetView(GadgetDraft, Kept):
    pass


GADGETS = Collection(
    name="gadgets",
    row=Gadget,
    draft=GadgetDraft,
    view=GadgetView,
    order="made_at",
    filters=("shade", "made_at"),
)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
async def table(cluster: embedded.Cluster) -> AsyncIterator[None]:
    with psycopg.connect(cluster.dsn(embedded.OWNER), autocommit=True) as owner:
        owner.execute(
            "CREATE TABLE gadgets (person_id uuid, id uuid, made_at timestamptz NOT NULL, shade text, version bigint NOT NULL,"
            " created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, sealed bytea NOT NULL,"
            " PRIMARY KEY (person_id, id))"
        )
        for statement in security.by_person("gadgets", "gadgets"):
            owner.execute(statement)
        yield
        owner.execute("DROP TABLE gadgets")


def draft(minutes: int = 0, **more: str) -> GadgetDraft:
    return GadgetDraft(made_at=NOON + timedelta(minutes=minutes), **({"secret": "hush"} | more))


async def test_what_was_created_is_read_back(database: Database, person_id: UUID) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        made = await GADGETS.create(tx, person_id, draft(shade="red"))
    async with database.transaction(Access.of(person_id)) as tx:
        assert await GADGETS.read(tx, person_id, made.id) == made
        assert (made.version, made.secret, made.shade) == (1, "hush", "red")


async def test_a_field_without_a_column_lies_in_the_database_as_ciphertext(
    database: Database, person_id: UUID
) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        await GADGETS.create(tx, person_id, draft(secret="a very private word"))
        lies = await tx.session.scalar(
            text("SELECT sealed FROM gadgets WHERE person_id = :p"), {"p": person_id}
        )
    assert b"private" not in bytes(lies)


async def test_a_change_keeps_what_was_there_in_the_history(database: Database, person_id: UUID) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        made = await GADGETS.create(tx, person_id, draft(secret="one"))
        changed = await GADGETS.change(tx, person_id, made.id, draft(secret="two"), if_version=1)
        past = await GADGETS.history(tx, person_id, made.id)
    assert changed.version == 2
    assert [(change.action, change.version) for change in past] == [("change", 2), ("create", 1)]
    assert past[0].before is not None
    assert past[0].before["secret"] == "one"


async def test_a_change_of_an_old_version_is_refused(database: Database, person_id: UUID) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        made = await GADGETS.create(tx, person_id, draft())
        await GADGETS.change(tx, person_id, made.id, draft(1), if_version=1)
        with pytest.raises(Stale):
            await GADGETS.change(tx, person_id, made.id, draft(2), if_version=1)


async def test_what_was_deleted_is_gone_and_can_be_brought_back(database: Database, person_id: UUID) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        made = await GADGETS.create(tx, person_id, draft(secret="keep me"))
        await GADGETS.delete(tx, person_id, made.id)
        with pytest.raises(NotFound):
            await GADGETS.read(tx, person_id, made.id)
        back = await GADGETS.restore(tx, person_id, made.id)
    assert (back.secret, back.version, back.id) == ("keep me", 3, made.id)


async def test_the_same_id_twice_is_a_conflict(database: Database, person_id: UUID) -> None:
    id = new_id()
    async with database.transaction(Access.of(person_id)) as tx:
        await GADGETS.create(tx, person_id, draft(), id=id)
    with pytest.raises(Conflict):
        async with database.transaction(Access.of(person_id)) as tx:
            await GADGETS.create(tx, person_id, draft(), id=id)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(minutes=st.lists(st.integers(0, 5), max_size=12), limit=st.integers(1, 5))
async def test_pages_together_hold_everything_once_newest_first(
    database: Database, minutes: list[int], limit: int
) -> None:
    person = await newcomer(database)
    seen: list[GadgetView] = []
    async with database.transaction(Access.of(person)) as tx:
        for minute in minutes:
            await GADGETS.create(tx, person, draft(minute))
        cursor = None
        while True:
            page = await GADGETS.page(tx, person, limit=limit, cursor=cursor)
            seen += page.items
            cursor = page.next
            if cursor is None:
                break
    assert len({item.id for item in seen}) == len(minutes)
    assert [(item.made_at, item.id) for item in seen] == sorted(
        ((i.made_at, i.id) for i in seen), reverse=True
    )


async def test_things_are_found_before_they_are_opened(database: Database, person_id: UUID) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        made = [await GADGETS.create(tx, person_id, draft(n, secret=f"s{n}")) for n in range(4)]
        found = await GADGETS.unopened(
            tx, person_id, limit=2, where={"made_at_to": NOON + timedelta(minutes=3)}
        )
        assert [at for at, _open in found] == [made[2].made_at, made[1].made_at]
        assert await found[0][1]() == made[2]
        with pytest.raises(Incorrect):
            await GADGETS.unopened(tx, person_id, limit=2, where={"secret": "s1"})
    async with database.transaction(Access()) as tx:
        with pytest.raises(NotFound):
            await GADGETS.unopened(tx, person_id, limit=2)


async def test_filters_narrow_and_unknown_ones_are_refused(database: Database, person_id: UUID) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        for minute, shade in enumerate(["red", "blue", "red"]):
            await GADGETS.create(tx, person_id, draft(minute, shade=shade))
        red = await GADGETS.page(
            tx, person_id, where={"shade": "red", "made_at_from": NOON + timedelta(minutes=1)}
        )
        with pytest.raises(Incorrect):
            await GADGETS.page(tx, person_id, where={"secret": "hush"})
    assert len(red.items) == 1


@pytest.mark.parametrize("cursor", ["", "x", "e30", "W10", "bnVsbA", "ééé", "WzEsMl0"])
async def test_a_forged_cursor_is_refused(database: Database, person_id: UUID, cursor: str) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        with pytest.raises(Incorrect):
            await GADGETS.page(tx, person_id, cursor=cursor)


async def test_a_stranger_learns_nothing(database: Database, person_id: UUID) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        made = await GADGETS.create(tx, person_id, draft())
    stranger = await newcomer(database)
    async with database.transaction(Access.of(stranger)) as tx:
        with pytest.raises(NotFound):
            await GADGETS.read(tx, person_id, made.id)


async def test_without_the_codes_check_the_database_still_refuses(
    database: Database, person_id: UUID
) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        made = await GADGETS.create(tx, person_id, draft())
    stranger = await newcomer(database)
    with unenforced():
        with pytest.raises(
            InsufficientPrivilege, match="row-level security"
        ):  # not even the look can be noted as theirs
            async with database.transaction(Access.of(stranger)) as tx:
                with pytest.raises(NotFound):
                    await GADGETS.read(tx, person_id, made.id)
                assert (await GADGETS.page(tx, person_id)).items == []
        with pytest.raises(NotFound):
            async with database.transaction(Access.of(stranger)) as tx:
                await GADGETS.create(tx, person_id, draft())
        with pytest.raises(ProgrammingError, match="row-level security"):
            async with database.transaction(Access.of(stranger)) as tx:
                await tx.session.execute(
                    text("INSERT INTO gadgets VALUES (:p, :i, now(), null, 1, now(), now(), '')"),
                    {"p": person_id, "i": new_id()},
                )


async def test_reading_does_not_allow_writing(database: Database, person_id: UUID) -> None:
    reader = Access(may_read={"gadgets": frozenset({person_id})})
    async with database.transaction(reader) as tx:
        assert (await GADGETS.page(tx, person_id)).items == []
        with pytest.raises(Forbidden):
            await GADGETS.create(tx, person_id, draft())


async def test_one_transaction_leaves_one_row_for_all_it_looked_at(
    database: Database, person_id: UUID
) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        await GADGETS.page(tx, person_id)
        await GADGETS.page(tx, person_id)
    async with database.transaction(Access.of(person_id)) as tx:
        rows = (
            await tx.session.execute(
                text("SELECT action, subjects FROM audit_events WHERE person_id = :p"), {"p": person_id}
            )
        ).all()
    assert [tuple(row) for row in rows] == [("read", ["gadgets"])]


async def test_erased_things_are_gone_and_their_traces_unreadable(
    database: Database, person_id: UUID
) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        made = await GADGETS.create(tx, person_id, draft())
        await GADGETS.delete(tx, person_id, made.id)
    async with database.transaction(Access.of(person_id)) as tx:
        await GADGETS.erase(tx, person_id)
        assert await database.keyring.destroy(tx.session, person_id) == 1
    async with database.transaction(Access.of(person_id)) as tx:
        with pytest.raises(NotFound):
            await GADGETS.restore(tx, person_id, made.id)


async def test_after_rotation_the_old_still_opens_and_resealing_moves_it(
    database: Database, person_id: UUID
) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        made = await GADGETS.create(tx, person_id, draft(secret="old"))
    async with database.transaction(Access.of(person_id)) as tx:
        assert await database.keyring.rotate(tx.session, person_id) == 2
        assert (await GADGETS.read(tx, person_id, made.id)).secret == "old"
        assert await GADGETS.reseal(tx, person_id) == 1
    async with database.transaction(Access.of(person_id)) as tx:
        assert (await GADGETS.read(tx, person_id, made.id)).secret == "old"


async def test_an_instant_that_nobody_could_read_again_is_refused(
    database: Database, person_id: UUID
) -> None:
    for at in (
        datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=14))),
        datetime(1, 1, 1, tzinfo=UTC),
    ):
        async with database.transaction(Access.of(person_id)) as tx:
            with pytest.raises(Incorrect) as refused:
                await GADGETS.create(tx, person_id, GadgetDraft(made_at=at, secret="hush"))
            assert refused.value.fault.field == "made_at"
