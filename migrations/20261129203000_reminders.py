"""Reminders: when a medicine was last taken is one step of an index; a worker's rows are let through by its area first."""

from alembic import op

from ojas.kit.db import security

revision = "20261129203000"
down_revision = "20261129202000"
branch_labels = None
depends_on = None

WORKER = "current_setting('ojas.area', true) = 'medications'"
TABLES = ("medicines", "doses")


def upgrade() -> None:
    op.execute(
        "CREATE INDEX doses_taken_index ON doses (person_id, medicine_id, answered_at) WHERE action = 'take'"
    )
    for table in TABLES:
        for statement in security.area_first(table, "medications", "medications"):
            op.execute(statement)


def downgrade() -> None:
    for table in TABLES:
        for verb in ("read", "create", "change", "delete"):
            op.execute(f"DROP POLICY {table}_{verb} ON {table}")
        for statement in security.by_person(table, "medications", or_read=WORKER, or_write=WORKER):
            op.execute(statement)
    op.execute("DROP INDEX doses_taken_index")
