"""Refusals: an address whose owner said that it is not them, remembered without the contact."""

from alembic import op

from ojas.kit.db import security

revision = "20261130002500"
down_revision = "20261130001500"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE emergency_refusals (
            person_id uuid NOT NULL,
            id uuid NOT NULL,
            refused_at timestamptz NOT NULL,
            PRIMARY KEY (person_id, id)
        )
        """
    )
    for statement in security.by_person("emergency_refusals", "emergency"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE emergency_refusals")
