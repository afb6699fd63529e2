"""One line of history, whose end is known without reading it."""

import psycopg
from alembic.script import ScriptDirectory

from ojas.kit.db import embedded
from ojas.kit.db.migrate import _config, at, head, migrate


def test_the_newest_file_is_the_end_of_the_line() -> None:
    script = ScriptDirectory.from_config(_config())
    assert script.get_heads() == [head()]
    assert {step.revision for step in script.walk_revisions()} == {
        step.path.rpartition("/")[2].partition("_")[0] for step in script.walk_revisions()
    }


def test_a_database_says_where_it_stands(cluster: embedded.Cluster) -> None:
    assert at(cluster.dsn(embedded.OWNER)) == head()
    migrate(cluster.dsn(embedded.OWNER))


def test_a_database_that_never_was_migrated_stands_nowhere(cluster: embedded.Cluster) -> None:
    with psycopg.connect(cluster.dsn(embedded.OWNER), autocommit=True) as owner:
        owner.execute("CREATE SCHEMA elsewhere")
        try:
            assert at(cluster.dsn(embedded.OWNER) + " options='-c search_path=elsewhere'") is None
        finally:
            owner.execute("DROP SCHEMA elsewhere")
