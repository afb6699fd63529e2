"""The ground: the service's rights, keys, the audit trail, answers to repeat, tries, the queue."""

from alembic import op
from procrastinate.schema import SchemaManager

from ojas.kit.db import security

revision = "20261121040000"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE person_keys (
        person_id uuid NOT NULL,
        version bigint NOT NULL,
        wrapped bytea NOT NULL,
        created_at timestamptz NOT NULL,
        PRIMARY KEY (person_id, version)
    )
    """,
    """
    CREATE TABLE audit_events (
        person_id uuid NOT NULL,
        id uuid NOT NULL,
        account_id uuid,
        request_id uuid NOT NULL,
        action text NOT NULL,
        purpose text NOT NULL,
        subjects text[] NOT NULL,
        subject_id uuid,
        version bigint,
        address inet,
        sealed bytea,
        PRIMARY KEY (person_id, id)
    )
    """,
    "CREATE INDEX audit_events_subject_index ON audit_events (person_id, subject_id, id) WHERE subject_id IS NOT NULL",
    """
    CREATE TABLE answers (
        account_id uuid NOT NULL,
        key text NOT NULL,
        request_hash bytea NOT NULL,
        at timestamptz NOT NULL,
        sealed bytea,
        PRIMARY KEY (account_id, key)
    )
    """,
    "CREATE INDEX answers_at_index ON answers (at)",
    """
    CREATE UNLOGGED TABLE tries (
        key bytea PRIMARY KEY,
        until timestamptz NOT NULL,
        count bigint NOT NULL
    )
    """,
)


def upgrade() -> None:
    for kind, rights in (
        ("TABLES", "SELECT, INSERT, UPDATE, DELETE"),
        ("SEQUENCES", "USAGE, SELECT, UPDATE"),
    ):
        op.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {rights} ON {kind} TO {security.ROLE}")
    op.execute(f"GRANT USAGE ON SCHEMA public TO {security.ROLE}")
    op.execute(f"GRANT SELECT ON alembic_version TO {security.ROLE}")  # readiness is asked by the service
    for table in TABLES:
        op.execute(table)
    policies = [
        *security.by_person(
            "person_keys", "keys", or_read="current_setting('ojas.area', true) = 'housekeeping'"
        ),
        *security.by_person("audit_events", "audit"),
        *security.append_only("audit_events"),
        *security.by_account("answers", ["housekeeping"]),
    ]
    for statement in policies:
        op.execute(statement)
    # By the driver, since the text holds percent signs and several statements.
    op.get_bind().connection.driver_connection.execute(SchemaManager.get_schema())


def downgrade() -> None:
    op.execute("DROP TABLE tries, answers, audit_events, person_keys")
    op.execute(
        "DROP TABLE procrastinate_events, procrastinate_periodic_defers, procrastinate_jobs, procrastinate_workers CASCADE"
    )
    op.execute(
        """
        DO $$ DECLARE name regprocedure; kind regtype; BEGIN
            FOR name IN SELECT oid::regprocedure FROM pg_proc WHERE proname LIKE 'procrastinate%' LOOP
                EXECUTE 'DROP FUNCTION ' || name || ' CASCADE';
            END LOOP;
            FOR kind IN SELECT oid::regtype FROM pg_type WHERE typname LIKE 'procrastinate%' AND typtype IN ('e', 'c') LOOP
                EXECUTE 'DROP TYPE IF EXISTS ' || kind || ' CASCADE';
            END LOOP;
        END $$
        """
    )
