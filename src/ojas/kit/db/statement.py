"""Statements of every request: written in the models' terms once, run by the driver alone.

The ORM builds, hashes, loads and tracks: one SELECT of one row by its key costs 0.4 ms of CPU through a session, 0.04 ms
so (``bench/request_overhead``). A request has five or six. What is changed and flushed still goes through the session.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from psycopg.rows import namedtuple_row
from sqlalchemy import Executable
from sqlalchemy.dialects.postgresql.psycopg import PGDialectAsync_psycopg
from sqlalchemy.sql.compiler import SQLCompiler

if TYPE_CHECKING:
    from ojas.kit.db.models import Base
    from ojas.kit.db.transaction import Tx

_DIALECT = PGDialectAsync_psycopg()  # type: ignore[no-untyped-call]  # the library's


class Statement:
    """A SELECT or INSERT whose values are ``bindparam``s, filled by name when it runs.

    Rows are named tuples of the columns, for reading only: no session knows them.
    """

    def __init__(self, statement: Executable) -> None:
        self._statement = statement

    @cached_property
    def _compiled(self) -> tuple[str, dict[str, Any]]:
        found = self._statement.compile(dialect=_DIALECT)  # type: ignore[attr-defined]  # of every clause
        assert isinstance(found, SQLCompiler)
        return str(found), {name: value for name, value in found.params.items() if value is not None}

    async def all(self, tx: "Tx", **values: Any) -> Sequence[Any]:
        text, fixed = self._compiled
        async with (await tx.connection()).cursor(row_factory=namedtuple_row) as cursor:
            await cursor.execute(text, fixed | values, prepare=True)
            return await cursor.fetchall()

    async def first(self, tx: "Tx", **values: Any) -> Any | None:
        """The first row; None where there is none."""
        rows = await self.all(tx, **values)
        return rows[0] if rows else None

    async def run(self, tx: "Tx", **values: Any) -> None:
        """For what answers no rows."""
        text, fixed = self._compiled
        await (await tx.connection()).execute(text, fixed | values, prepare=True)


class Rows:
    """One statement for many rows: each parameter is an array, a column of them all.

    ``text`` reads them as ``{rows}``, a table of these columns. It is planned once however many there are, and costs a tenth
    of as many statements.
    """

    def __init__(self, text: str, columns: Mapping[str, str]) -> None:
        """``columns``: name to PostgreSQL type."""
        arrays = ", ".join(f"%({name})s::{kind}[]" for name, kind in columns.items())
        self._names = tuple(columns)
        self._text = text.format(rows=f"unnest({arrays}) AS rows ({', '.join(columns)})")

    @classmethod
    def insert(cls, table: "type[Base]", *, ending: str = "") -> "Rows":
        """Rows of a table, whole; those that ``ending`` (ON CONFLICT …) lets in."""
        columns = {c.name: c.type.compile(dialect=_DIALECT) for c in table.__table__.columns}
        names = ", ".join(columns)
        return cls(
            f"INSERT INTO {table.__tablename__} ({names}) SELECT {names} FROM {{rows}} {ending}", columns
        )

    async def run(self, tx: "Tx", rows: Sequence[Mapping[str, Any]]) -> Sequence[Any]:
        """What it answers, as named tuples; nothing where it says no RETURNING, or there are no rows.

        A value that a row lacks is null.
        """
        if not rows:
            return []
        values = {name: [row.get(name) for row in rows] for name in self._names}
        async with (await tx.connection()).cursor(row_factory=namedtuple_row) as cursor:
            await cursor.execute(self._text, values, prepare=True)
            return await cursor.fetchall() if cursor.description else []
