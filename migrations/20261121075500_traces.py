"""Electrocardiograms: the trace of a session, sealed."""

from alembic import op

from ojas.kit.db import security

revision = "20261121075500"
down_revision = "20261121075000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE signal_traces (
            person_id uuid NOT NULL,
            session_id uuid NOT NULL,
            n bigint NOT NULL CHECK (n > 0),
            data bytea NOT NULL,
            PRIMARY KEY (person_id, session_id),
            FOREIGN KEY (person_id, session_id) REFERENCES signal_sessions ON DELETE CASCADE
        )
        """
    )
    op.execute("ALTER TABLE signal_traces ALTER COLUMN data SET STORAGE EXTERNAL")
    for statement in security.by_person("signal_traces", "signals"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE signal_traces")
