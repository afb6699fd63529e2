"""Values in the audit trail may move to a newer key of their person: by a function, since nobody may change the trail."""

from alembic import op

from ojas.kit.db import security

revision = "20261121091000"
down_revision = "20261121090000"
branch_labels = None
depends_on = None

FUNCTION = """
    CREATE FUNCTION audit_resealed(person uuid, event uuid, was bytea, fresh bytea) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE n integer;
    BEGIN
        -- An envelope is as long as its content and 49 bytes; bytes 2 to 5 are the version of its key.
        IF octet_length(fresh) <> octet_length(was) OR substr(fresh, 2, 4) <= substr(was, 2, 4) THEN
            RAISE EXCEPTION 'not the same content under a newer key';
        END IF;
        UPDATE audit_events SET sealed = fresh WHERE person_id = person AND id = event AND sealed = was;
        GET DIAGNOSTICS n = ROW_COUNT;
        RETURN n;
    END $$
"""


def upgrade() -> None:
    op.execute(FUNCTION)
    op.execute("REVOKE ALL ON FUNCTION audit_resealed FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION audit_resealed TO {security.ROLE}")


def downgrade() -> None:
    op.execute("DROP FUNCTION audit_resealed")
