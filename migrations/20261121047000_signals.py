"""Signals: sources, streams, sealed chunks, kept days, stays, sessions and their routes."""

from alembic import op

from ojas.kit.db import security

revision = "20261121047000"
down_revision = "20261121045000"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE signal_sources (
        person_id uuid NOT NULL,
        id uuid NOT NULL,
        sort text NOT NULL,
        priority bigint,
        version bigint NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        sealed bytea NOT NULL,
        PRIMARY KEY (person_id, id)
    )
    """,
    """
    CREATE TABLE signal_streams (
        person_id uuid NOT NULL,
        id uuid NOT NULL,
        source_id uuid NOT NULL,
        kind text NOT NULL,
        created_at timestamptz NOT NULL,
        PRIMARY KEY (person_id, id),
        UNIQUE (person_id, source_id, kind),
        FOREIGN KEY (person_id, source_id) REFERENCES signal_sources ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE signal_chunks (
        person_id uuid NOT NULL,
        stream_id uuid NOT NULL,
        start timestamptz NOT NULL,
        until timestamptz NOT NULL CHECK (until > start),
        first timestamptz NOT NULL,
        last timestamptz NOT NULL,
        n bigint NOT NULL CHECK (n > 0),
        low bigint NOT NULL,
        high bigint NOT NULL,
        total bigint NOT NULL,
        revision bigint NOT NULL,
        data bytea NOT NULL,
        profile bytea,
        PRIMARY KEY (person_id, stream_id, start),
        FOREIGN KEY (person_id, stream_id) REFERENCES signal_streams ON DELETE CASCADE,
        CHECK (start <= first AND first < until AND first <= last AND low <= high)
    )
    """,
    # What is sealed does not compress: PostgreSQL need not try.
    "ALTER TABLE signal_chunks ALTER COLUMN data SET STORAGE EXTERNAL",
    "ALTER TABLE signal_chunks ALTER COLUMN profile SET STORAGE EXTERNAL",
    """
    CREATE TABLE signal_days (
        person_id uuid NOT NULL,
        kind text NOT NULL,
        month date NOT NULL CHECK (extract(day FROM month) = 1),
        stale bigint NOT NULL,
        revision bigint NOT NULL,
        sealed bytea,
        PRIMARY KEY (person_id, kind, month)
    )
    """,
    """
    CREATE TABLE signal_stays (
        person_id uuid NOT NULL,
        since timestamptz NOT NULL,
        zone text NOT NULL,
        PRIMARY KEY (person_id, since)
    )
    """,
    """
    CREATE TABLE signal_sessions (
        person_id uuid NOT NULL,
        id uuid NOT NULL,
        kind text NOT NULL,
        started_at timestamptz NOT NULL,
        ended_at timestamptz NOT NULL CHECK (ended_at >= started_at),
        source_id uuid,
        version bigint NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        sealed bytea NOT NULL,
        PRIMARY KEY (person_id, id),
        FOREIGN KEY (person_id, source_id) REFERENCES signal_sources ON DELETE CASCADE
    )
    """,
    "CREATE INDEX signal_sessions_started_index ON signal_sessions (person_id, started_at DESC, id DESC)",
    """
    CREATE TABLE signal_routes (
        person_id uuid NOT NULL,
        session_id uuid NOT NULL,
        n bigint NOT NULL CHECK (n > 0),
        data bytea NOT NULL,
        PRIMARY KEY (person_id, session_id),
        FOREIGN KEY (person_id, session_id) REFERENCES signal_sessions ON DELETE CASCADE
    )
    """,
    "ALTER TABLE signal_routes ALTER COLUMN data SET STORAGE EXTERNAL",
)
NAMES = ("sources", "streams", "chunks", "days", "stays", "sessions", "routes")


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)
    for name in NAMES:
        for statement in security.by_person(f"signal_{name}", "signals"):
            op.execute(statement)


def downgrade() -> None:
    for name in reversed(NAMES):
        op.execute(f"DROP TABLE signal_{name}")
