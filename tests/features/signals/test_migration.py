"""Chunks that were there before streams told how much they hold."""

import psycopg
import pytest

from ojas.kit.db import embedded
from ojas.kit.db.migrate import migrate
from ojas.kit.ids import new_id


@pytest.mark.slow
def test_streams_are_counted_when_an_older_database_is_upgraded() -> None:
    with embedded.scratch() as lease:
        owner, keeper = (lease.cluster.dsn(role) for role in (embedded.OWNER, embedded.KEEPER))
        migrate(owner, "20261121053000")
        person, source, stream = new_id(), new_id(), new_id()
        with psycopg.connect(keeper) as past:
            past.execute(
                "INSERT INTO signal_sources VALUES (%s, %s, 'watch', NULL, 1, now(), now(), 'x')",
                (person, source),
            )
            past.execute(
                "INSERT INTO signal_streams VALUES (%s, %s, %s, 'heart_rate', now())",
                (person, stream, source),
            )
            for day in (1, 2):
                past.execute(
                    "INSERT INTO signal_chunks SELECT %s, %s, at, at + interval '1 day', at, at + interval '9 hours',"
                    " 7, 1, 2, 3, 1, 'x', NULL FROM (SELECT make_timestamptz(2026, 1, %s, 0, 0, 0, 'UTC') AS at) AS day",
                    (person, stream, day),
                )
        migrate(owner)
        with psycopg.connect(keeper) as now:
            found = now.execute("SELECT n, last - first FROM signal_streams").fetchone()
            forced = now.execute(
                "SELECT bool_and(relforcerowsecurity) FROM pg_class WHERE relname ~ '^signal_.*s$'"
            ).fetchone()
    assert found is not None
    assert (found[0], found[1].total_seconds()) == (14, 33 * 3600)
    assert forced == (True,)
