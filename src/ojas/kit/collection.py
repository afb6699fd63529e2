"""A list of things a person owns: read, written, corrected and deleted one at a time. Written once, here.

A feature declares what is its own: the table, what a caller may write (``draft``), what is shown (``view``), the order,
the filters. From the draft a rule follows: **a field with a column of its name is kept in the clear** (to sort, filter
or constrain by), every other field is sealed, all together, in the column ``sealed``. So what is in the clear can be
read off the table.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from types import SimpleNamespace
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
import psycopg
from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Select, bindparam, delete, insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from ojas.kit import audit, clock, events
from ojas.kit.cursors import cursor_of, place_of
from ojas.kit.db import Owned, Statement, Tx
from ojas.kit.errors import Conflict, Incorrect, NotFound, Stale
from ojas.kit.ids import new_id


class Strict(BaseModel):
    """What a caller may write: nothing that is not known, and no text taken for a number. The base of drafts."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def example(**body: Any) -> ConfigDict:
    """The config of a draft that shows such a body in the description of the API."""
    return ConfigDict(json_schema_extra={"examples": [body]})


class Kept(BaseModel):
    """What every view adds to its draft."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    person_id: UUID
    version: int
    created_at: datetime
    updated_at: datetime


RowT = TypeVar("RowT", bound=Owned)
DraftT = TypeVar("DraftT", bound=BaseModel)
ViewT = TypeVar("ViewT", bound=Kept)


@dataclass(frozen=True, slots=True)
class Page(Generic[ViewT]):
    """Some things in order, and where the next ones begin (None: these were the last)."""

    items: Sequence[ViewT]
    next: str | None


@dataclass(frozen=True)
class Collection(Generic[RowT, DraftT, ViewT]):
    """One list.

    Attributes:
        name: plural noun; path segment, subject in the audit trail, stem of event names.
        row: the table, an ``Owned``; its ``__scope__`` is the scope asked for.
        draft: what a caller may write. view: draft and Kept.
        order: a clear column, newest (greatest) first; ties by id.
        filters: clear columns one may filter by; dates and times also by NAME_from (inclusive) and NAME_to (exclusive).
        check: refuses a draft for reasons only the database knows.
        derive: columns that follow from a draft, and that no caller writes: when it is next due, for example. Given the id.
    """

    name: str
    row: type[RowT]
    draft: type[DraftT]
    view: type[ViewT]
    order: str = "created_at"
    filters: tuple[str, ...] = ()
    check: Callable[[Tx, UUID, DraftT], Awaitable[None]] | None = None
    derive: Callable[[Tx, UUID, UUID, DraftT], Awaitable[Mapping[str, Any]]] | None = None

    @property
    def scope(self) -> str:
        return self.row.__scope__

    @property
    def table(self) -> str:
        return str(self.row.__tablename__)  # type: ignore[attr-defined]  # every mapped class has it

    @cached_property
    def clear(self) -> frozenset[str]:
        """Fields kept as columns."""
        return frozenset(self.draft.model_fields) & frozenset(self._columns)

    @cached_property
    def _columns(self) -> Mapping[str, Any]:
        return dict(self.row.__table__.columns)  # type: ignore[attr-defined]

    async def page(
        self,
        tx: Tx,
        person_id: UUID,
        *,
        limit: int = 50,
        cursor: str | None = None,
        where: Mapping[str, Any] | None = None,
    ) -> Page[ViewT]:
        """The next ``limit`` things after ``cursor``. Its cost follows the page, not the list.

        Raises:
            Incorrect: a cursor that is not one of ours, a filter this list does not have.
        """
        tx.access.require(self.scope, person_id)
        values = {name: _utc(value, name) for name, value in (where or {}).items()}
        if cursor is not None:
            values["after"], values["after_id"] = self.place(cursor)
        statement = self._page_of(frozenset(where or ()), onward=cursor is not None)
        rows = await statement.all(tx, person_id=person_id, most=limit + 1, **values)
        audit.looked(tx, person_id, self.name)
        following = self.cursor(rows[limit - 1]) if len(rows) > limit else None
        return Page([await self.shown(tx, row) for row in rows[:limit]], following)

    async def whole(self, tx: Tx, person_id: UUID) -> list[ViewT]:
        """Every thing, for a judgement that shows nobody any of it: so the trail tells of no look."""
        tx.access.require(self.scope, person_id)
        rows = await tx.session.scalars(self.selected(person_id, {}))
        return [await self.shown(tx, row) for row in rows]

    async def unopened(
        self, tx: Tx, person_id: UUID, *, limit: int, where: Mapping[str, Any] | None = None
    ) -> list[tuple[Any, Callable[[], Awaitable[ViewT]]]]:
        """The newest ``limit`` things, each by its ``order`` and with what opens it: for who merges many lists and shows few.

        Raises:
            Incorrect: a filter this list does not have.
        """
        tx.access.require(self.scope, person_id)
        statement = self._page_of(frozenset(where or ()), onward=False)
        rows = await statement.all(tx, person_id=person_id, most=limit, **(where or {}))
        audit.looked(tx, person_id, self.name)
        return [(getattr(row, self.order), partial(self.shown, tx, row)) for row in rows]

    async def read(self, tx: Tx, person_id: UUID, id: UUID) -> ViewT:
        """One thing.

        Raises:
            NotFound: there is none of this id, or not of this person.
        """
        tx.access.require(self.scope, person_id)
        row = await self._one.first(tx, person_id=person_id, id=id)
        if row is None:
            raise NotFound("This entry does not exist any more, or never did.")
        view = await self.shown(tx, row)
        audit.looked(tx, person_id, self.name)
        return view

    async def create(self, tx: Tx, person_id: UUID, draft: DraftT, *, id: UUID | None = None) -> ViewT:
        """Add a thing; ``id`` is for callers who must be able to say it twice.

        Raises:
            Conflict: there is one with this id, or with what must be unique.
        """
        tx.access.require(self.scope, person_id, write=True)
        if self.check:
            await self.check(tx, person_id, draft)
        id = id or new_id()
        now = clock.now()
        row = await self._insert(tx, person_id, id, draft, version=1, created_at=now, updated_at=now)
        await self._tell(tx, "create", row, None)
        return await self.shown(tx, row)

    async def change(
        self, tx: Tx, person_id: UUID, id: UUID, draft: DraftT, *, if_version: int | None = None
    ) -> ViewT:
        """Put ``draft`` in the place of what is there; what was there stays in the history.

        Raises:
            NotFound: as in read. Stale: the version is no longer ``if_version``.
        """
        tx.access.require(self.scope, person_id, write=True)
        if self.check:
            await self.check(tx, person_id, draft)
        row = await self._row(tx, person_id, id, if_version=if_version)
        before = await self._plain(tx, row)
        for name, value in (await self._split(tx, person_id, id, draft)).items():
            setattr(row, name, value)
        row.version += 1
        row.updated_at = clock.now()
        await self._flush(tx)
        await self._tell(tx, "change", row, before)
        return await self.shown(tx, row)

    async def delete(self, tx: Tx, person_id: UUID, id: UUID, *, if_version: int | None = None) -> None:
        """Delete a thing. ``restore`` brings it back."""
        tx.access.require(self.scope, person_id, write=True)
        row = await self._row(tx, person_id, id, if_version=if_version)
        before = await self._plain(tx, row)
        await tx.session.delete(row)
        await self._flush(tx)
        await self._tell(tx, "delete", row, before)

    async def restore(self, tx: Tx, person_id: UUID, id: UUID) -> ViewT:
        """Undo a deletion: the thing as it last was, as a version of its own.

        Raises:
            NotFound: nothing of this id was deleted.
        """
        tx.access.require(self.scope, person_id, write=True)
        past = await audit.changes(tx, person_id, self.scope, self.name, id)
        if not past or past[0].action != "delete" or past[0].before is None:
            raise NotFound("There is nothing to bring back.")
        draft = self.draft.model_validate_json(orjson.dumps(past[0].before))
        version, made = past[0].version + 1, past[-1].at
        row = await self._insert(
            tx, person_id, id, draft, version=version, created_at=made, updated_at=clock.now()
        )
        await self._tell(tx, "create", row, None)
        return await self.shown(tx, row)

    async def put_back(self, tx: Tx, person_id: UUID, id: UUID, *, if_version: int) -> ViewT:
        """Undo the last change: what stood there before, as a version of its own.

        Raises:
            NotFound: the last thing that happened to it was no change. Stale: something happened since ``if_version``.
        """
        tx.access.require(self.scope, person_id, write=True)
        past = await audit.changes(tx, person_id, self.scope, self.name, id)
        if not past or past[0].action != "change" or past[0].before is None:
            raise NotFound("There is nothing to bring back.")
        draft = self.draft.model_validate_json(orjson.dumps(past[0].before))
        return await self.change(tx, person_id, id, draft, if_version=if_version)

    async def history(self, tx: Tx, person_id: UUID, id: UUID) -> list[audit.Change]:
        """How the thing came to be as it is, newest first: who, when, and what stood there before."""
        tx.access.require(self.scope, person_id)
        audit.looked(tx, person_id, self.name)
        return await audit.changes(tx, person_id, self.scope, self.name, id)

    async def export(self, tx: Tx, person_id: UUID) -> AsyncIterator[ViewT]:
        """Every thing, in the order they were made."""
        tx.access.require(self.scope, person_id)
        audit.looked(tx, person_id, self.name, action="export")
        rows = await tx.session.stream_scalars(self.selected(person_id, {}).order_by(self._columns["id"]))
        async for row in rows:
            yield await self.shown(tx, row)

    async def erase(self, tx: Tx, person_id: UUID) -> None:
        """Delete every thing of a person, without a trace of its content."""
        tx.access.require(self.scope, person_id, write=True)
        await tx.session.execute(delete(self.row).where(self._columns["person_id"] == person_id))

    async def reseal(self, tx: Tx, person_id: UUID) -> int:
        """Seal everything anew under the person's present key. Answers how many rows."""
        keys = await tx.keys(person_id)
        rows = list(await tx.session.scalars(select(self.row).where(self._columns["person_id"] == person_id)))
        for row in rows:
            fresh = keys.seal(keys.open(row.sealed, self.table, row.id), self.table, row.id)
            await tx.session.execute(
                update(self.row)
                .where(self._columns["person_id"] == person_id, self._columns["id"] == row.id)
                .values(sealed=fresh)
            )
        return len(rows)

    def selected(self, person_id: UUID, where: Mapping[str, Any]) -> Select[RowT]:
        """A person's rows by the filters of this list, also for statements of the feature's own."""
        query = select(self.row).where(self._columns["person_id"] == person_id)
        for name, value in where.items():
            query = query.where(self._condition(name, value))
        return query

    @cached_property
    def _one(self) -> Statement:
        columns = self._columns
        return Statement(
            select(*columns.values()).where(
                columns["person_id"] == bindparam("person_id"), columns["id"] == bindparam("id")
            )
        )

    @cached_property
    def _pages(self) -> dict[tuple[frozenset[str], bool], Statement]:
        return {}

    def _page_of(self, filters: frozenset[str], *, onward: bool) -> Statement:
        """The statement of a page by these filters; with ``onward``, from the place ``after`` and ``after_id`` on."""
        if found := self._pages.get((filters, onward)):
            return found
        columns = self._columns
        order, identifier = columns[self.order], columns["id"]
        query = select(*columns.values()).where(columns["person_id"] == bindparam("person_id"))
        for name in sorted(filters):
            query = query.where(self._condition(name, bindparam(name)))
        if onward:
            place = bindparam("after", type_=order.type), bindparam("after_id", type_=identifier.type)
            query = query.where(tuple_(order, identifier) < tuple_(*place))
        statement = Statement(query.order_by(order.desc(), identifier.desc()).limit(bindparam("most")))
        self._pages[filters, onward] = statement
        return statement

    def _condition(self, name: str, value: Any) -> ColumnElement[bool]:
        for suffix in ("_from", "_to"):
            stem = name.removesuffix(suffix)
            if stem != name and stem in self.filters:
                column = self._columns[stem]
                return _bool_of(column >= value if suffix == "_from" else column < value)
        if name not in self.filters:
            raise Incorrect("{name} is not something this list can be filtered by.", field=name, name=name)
        return _bool_of(self._columns[name] == value)

    @cached_property
    def _adding(self) -> Statement:
        return Statement(insert(self.row).values({name: bindparam(name) for name in self._columns}))

    async def _insert(self, tx: Tx, person_id: UUID, id: UUID, draft: DraftT, **kept: Any) -> SimpleNamespace:
        """Add a row, and answer what it holds, to be shown and told."""
        values = self._defaults | await self._split(tx, person_id, id, draft) | kept
        values |= {"person_id": person_id, "id": id}
        try:
            await self._adding.run(tx, **values)
        except psycopg.IntegrityError as problem:
            raise Conflict("This entry is there already.") from problem
        return SimpleNamespace(**values)

    @cached_property
    def _defaults(self) -> dict[str, Any]:
        """What columns hold that no draft speaks of. Of a list, they are plain values."""
        return {
            name: column.default.arg if column.default is not None and column.default.is_scalar else None
            for name, column in self._columns.items()
        }

    async def _row(self, tx: Tx, person_id: UUID, id: UUID, *, if_version: int | None = None) -> RowT:
        """A row, locked, to be changed."""
        query = select(self.row).where(self._columns["person_id"] == person_id, self._columns["id"] == id)
        row = await tx.session.scalar(query.with_for_update())
        if row is None:
            raise NotFound("This entry does not exist any more, or never did.")
        if if_version is not None and row.version != if_version:
            raise Stale("Somebody changed this in the meantime. Look at it again, then decide.")
        return row

    async def _split(self, tx: Tx, person_id: UUID, id: UUID, draft: DraftT) -> dict[str, Any]:
        columns = {name: _utc(getattr(draft, name), name) for name in self.clear}
        private = draft.model_dump(mode="json", exclude=set(self.clear))
        columns["sealed"] = await tx.seal(person_id, self.table, id, orjson.dumps(private))
        if self.derive:
            columns |= await self.derive(tx, person_id, id, draft)
        return columns

    async def _plain(self, tx: Tx, row: Any) -> dict[str, Any]:
        private: dict[str, Any] = orjson.loads(await tx.open(row.person_id, self.table, row.id, row.sealed))
        return {name: getattr(row, name) for name in self.clear} | private

    async def shown(self, tx: Tx, row: Any) -> ViewT:
        """A row of the table, however it was read, as it is shown."""
        kept = {name: getattr(row, name) for name in Kept.model_fields}
        plain = await self._plain(tx, row) | kept
        # Strict models take an enum or a date from JSON text, not from Python text: so by way of JSON.
        return self.view.model_validate_json(orjson.dumps(plain, default=str))

    async def _tell(self, tx: Tx, action: audit.Action, row: Any, before: dict[str, Any] | None) -> None:
        plain = orjson.loads(orjson.dumps(before, default=str)) if before is not None else None
        version = row.version + (action == "delete")  # to be gone is a version of its own
        await audit.changed(tx, action, row.person_id, self.name, row.id, version=version, before=plain)
        verb = {"create": "created", "change": "changed", "delete": "deleted"}[action]
        await events.emit(tx, f"{self.name}.{verb}", person_id=row.person_id, id=row.id)

    async def _flush(self, tx: Tx) -> None:
        try:
            await tx.session.flush()
        except IntegrityError as problem:
            raise Conflict("This entry is there already.") from problem

    def cursor(self, row: Any) -> str:
        """The place of a row in the order of this list, as ``page`` tells it."""
        return cursor_of(getattr(row, self.order), row.id)

    def place(self, cursor: str) -> tuple[Any, UUID]:
        """What ``cursor`` stands for: the order column and the id.

        Raises:
            Incorrect: it is not one of ours.
        """
        kind = self._columns[self.order].type.python_type
        value, id = place_of(cursor, AwareDatetime if kind is datetime else kind, UUID)
        return value, id


def _utc(value: Any, field: str) -> Any:
    # As the database will answer: what create returns and what read returns must be the same.
    if not isinstance(value, datetime):
        return value
    if not clock.EARLIEST <= value < clock.LATEST:
        raise Incorrect("This is not right.", field=field)
    return value.astimezone(UTC)


def _bool_of(condition: Any) -> ColumnElement[bool]:
    assert isinstance(condition, ColumnElement)
    return condition
