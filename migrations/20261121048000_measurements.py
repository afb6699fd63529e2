"""Measurements: readings, those removed, and the limits of care teams."""

from alembic import op

from ojas.kit.db import security

revision = "20261121048000"
down_revision = "20261121047000"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE readings (
        person_id uuid NOT NULL,
        id uuid NOT NULL,
        kind text NOT NULL,
        effective_at timestamptz NOT NULL,
        effective_end timestamptz,
        zone text NOT NULL,
        value numeric,
        systolic numeric,
        diastolic numeric,
        mean numeric,
        status text NOT NULL CHECK (status IN ('preliminary', 'final', 'corrected', 'entered-in-error')),
        method text NOT NULL,
        position text,
        meal text,
        specimen text,
        daily_total boolean NOT NULL,
        source text NOT NULL,
        source_key uuid,
        version bigint NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        sealed bytea NOT NULL,
        PRIMARY KEY (person_id, id),
        UNIQUE (person_id, source_key),
        CONSTRAINT readings_ends_check CHECK (effective_end >= effective_at),
        CONSTRAINT readings_numbers_check CHECK (
            value <> ALL ('{NaN,Infinity,-Infinity}') AND systolic IS NULL AND diastolic IS NULL AND mean IS NULL
            OR value IS NULL AND systolic > diastolic AND diastolic > 0 AND systolic < 1000
        )
    )
    """,
    "CREATE INDEX readings_kind_index ON readings (person_id, kind, effective_at, id)",
    # And none by time alone, which the planner would walk for one kind while it has no statistics. A list of all kinds
    # merges the newest of each.
    """
    CREATE TABLE removed_readings (
        person_id uuid NOT NULL,
        id uuid NOT NULL,
        PRIMARY KEY (person_id, id)
    )
    """,
    """
    CREATE TABLE band_overrides (
        person_id uuid NOT NULL,
        id uuid NOT NULL,
        kind text NOT NULL,
        guideline text,
        version bigint NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        sealed bytea NOT NULL,
        PRIMARY KEY (person_id, id),
        UNIQUE (person_id, kind)
    )
    """,
)


def upgrade() -> None:
    for table in TABLES:
        op.execute(table)
    for name in ("readings", "removed_readings", "band_overrides"):
        for statement in security.by_person(name, "measurements"):
            op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE band_overrides, removed_readings, readings")
