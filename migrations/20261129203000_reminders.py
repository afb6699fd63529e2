"""Reminders: when a medicine was last taken is one step of an index, however long its history."""

from alembic import op

revision = "20261129203000"
down_revision = "20261129202000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE INDEX doses_taken_index ON doses (person_id, medicine_id, answered_at) WHERE action = 'take'"
    )


def downgrade() -> None:
    op.execute("DROP INDEX doses_taken_index")
