"""Whoever writes anything of a person may have them looked at, also where alarms are not shared: the function that asks is
run by the owner of the tables, whom row security holds as well.
"""

from alembic import op

from ojas.kit.db import security

revision = "20261130030500"
down_revision = "20261130002500"
branch_labels = None
depends_on = None

WORKER = "current_setting('ojas.area', true) = 'alarms'"


def upgrade() -> None:
    asked = f"person_id = ANY({security.persons('may_write_audit')})"
    op.execute(f"ALTER POLICY looks_create ON looks WITH CHECK ({WORKER} OR {asked})")


def downgrade() -> None:
    mine = f"person_id = ANY({security.persons('may_write_alarms')})"
    op.execute(f"ALTER POLICY looks_create ON looks WITH CHECK ({mine} OR {WORKER})")
