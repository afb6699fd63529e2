"""One line of history, whose end is known without reading it."""

import psycopg
from alembic.script import ScriptDirectory

from ojas.kit.db import embedded
from ojas.kit.db.migrate import _config, at, head, migrate


def test_the_line_goes_from_file_to_file_as_they_are_named() -> None:
    script = ScriptDirectory.from_config(_config())
    assert script.get_heads() == [head()]
    line = [step.revision for step in script.walk_revisions()]
    assert line == sorted(line, reverse=True)
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
