"""Bringing a database to the present schema, by Alembic, as the role that owns the tables."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

import ojas

if TYPE_CHECKING:
    from alembic.config import Config

_LOCK = 0x6F6A6173  # "ojas": server and worker may both start first, and one of them migrates


def scripts() -> Path:
    """The folder of migrations: inside the package when installed, beside ``src`` in a checkout."""
    package = Path(ojas.__file__).parent
    inside = package / "migrations"
    return inside if inside.is_dir() else package.parent.parent / "migrations"


def migrate(conninfo: str, revision: str = "head") -> None:
    """Upgrade to ``revision``. Each migration is a transaction of its own; a second caller waits."""
    if revision == "head" and at(conninfo) == head():
        return  # as at nearly every start; by Alembic, which loads itself and every migration, it takes 0.3 s
    from alembic import command

    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(conninfo), poolclass=NullPool
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({_LOCK})")
        connection.commit()
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.exec_driver_sql(f"SELECT pg_advisory_unlock({_LOCK})")
        connection.commit()


def downgrade(conninfo: str, revision: str) -> None:
    """Go back to ``revision``; for tests and for the brave."""
    from alembic import command

    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(conninfo), poolclass=NullPool
    )
    with engine.connect() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def at(conninfo: str) -> str | None:
    """The revision a database is at; None if it was never migrated."""
    with psycopg.connect(conninfo) as connection:
        if connection.execute("SELECT to_regclass('alembic_version')").fetchone() != (None,):
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            return str(found[0]) if found else None
    return None


@cache
def head() -> str:
    """The newest revision there is. By the names of the files, which begin with it: whoever asks whether we are ready waits."""
    return max(path.name.partition("_")[0] for path in scripts().glob("[0-9]*_*.py"))


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", _escaped(Path(__file__).parent / "alembic"))
    config.set_main_option("version_locations", _escaped(scripts()))
    config.set_main_option("path_separator", "newline")
    return config


def _escaped(path: Path) -> str:
    return str(path).replace("%", "%%")
