"""What asks for a look says for that one row that it is the alarms' own, instead of opening their table to whoever may write."""

from alembic import op

from ojas.kit.db import security

revision = "20261130041500"
down_revision = "20261130030500"
branch_labels = None
depends_on = None

WORKER = "current_setting('ojas.area', true) = 'alarms'"
ASKED = f"person_id = ANY({security.persons('may_write_audit')})"
MINE = f"person_id = ANY({security.persons('may_write_alarms')})"

ASK = """
    CREATE OR REPLACE FUNCTION ask_look(person uuid, look uuid, due timestamptz, of text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    {declared}
    BEGIN
        IF NOT coalesce(person = ANY({persons}), false) THEN
            RAISE EXCEPTION 'no access to this person';
        END IF;
        {before}
        INSERT INTO looks (person_id, id, at, sort) VALUES (person, look, due, of);
        {after}
    END $$
"""


def _ask(declared: str = "", before: str = "", after: str = "") -> str:
    return ASK.format(
        persons=security.persons("may_write_audit"), declared=declared, before=before, after=after
    )


def upgrade() -> None:
    op.execute(f"ALTER POLICY looks_create ON looks WITH CHECK ({MINE} OR {WORKER})")
    op.execute(
        _ask(
            "DECLARE was text := coalesce(current_setting('ojas.area', true), '');",
            "PERFORM set_config('ojas.area', 'alarms', true);",
            "PERFORM set_config('ojas.area', was, true);",
        )
    )


def downgrade() -> None:
    op.execute(_ask())
    op.execute(f"ALTER POLICY looks_create ON looks WITH CHECK ({WORKER} OR {ASKED})")
