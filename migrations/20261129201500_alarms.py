"""Alarms: the rules set for a person, each alarm and what became of it, and whom to look at when."""

from alembic import op

from ojas.kit.db import security

revision = "20261129201500"
down_revision = "20261129201000"
branch_labels = None
depends_on = None

WORKER = "current_setting('ojas.area', true) = 'alarms'"
SEVERITIES = "('low', 'medium', 'high', 'critical')"

# Whoever writes anything of a person may ask for a look at them, and no more: what it finds is not theirs to see.
ASK = f"""
    CREATE FUNCTION ask_look(person uuid, look uuid, due timestamptz, of text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        IF NOT coalesce(person = ANY({security.persons("may_write_audit")}), false) THEN
            RAISE EXCEPTION 'no access to this person';
        END IF;
        INSERT INTO looks (person_id, id, at, sort) VALUES (person, look, due, of);
    END $$
"""


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE alarm_rules (
            person_id uuid NOT NULL,
            id uuid NOT NULL,
            rule text NOT NULL CHECK (length(rule) <= 40),
            version bigint NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            sealed bytea NOT NULL,
            PRIMARY KEY (person_id, id),
            CONSTRAINT alarm_rules_rule_unique UNIQUE (person_id, rule)
        )
        """
    )
    op.execute(
        f"""
        CREATE TABLE alarms (
            person_id uuid NOT NULL,
            id uuid NOT NULL,
            rule text NOT NULL CHECK (length(rule) <= 40),
            severity text NOT NULL CHECK (severity IN {SEVERITIES}),
            evidence_at timestamptz NOT NULL,
            raised_at timestamptz NOT NULL,
            begun_at timestamptz NOT NULL,
            said bigint NOT NULL,
            call_at timestamptz,
            acknowledged_at timestamptz,
            acknowledged_by uuid,
            snoozed_until timestamptz,
            ended_at timestamptz,
            ended_by uuid,
            sealed bytea NOT NULL,
            PRIMARY KEY (person_id, id),
            CHECK (ended_at IS NULL OR call_at IS NULL)
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX alarms_open_index ON alarms (person_id, rule) WHERE ended_at IS NULL")
    op.execute("CREATE INDEX alarms_raised_index ON alarms (person_id, raised_at, id)")
    op.execute("CREATE INDEX alarms_rule_index ON alarms (person_id, rule, raised_at)")
    op.execute("CREATE INDEX alarms_call_index ON alarms (call_at) WHERE call_at IS NOT NULL")
    op.execute(
        f"""
        CREATE TABLE alarm_changes (
            person_id uuid NOT NULL,
            id uuid NOT NULL,
            alarm_id uuid NOT NULL,
            change text NOT NULL CHECK (length(change) <= 20),
            severity text NOT NULL CHECK (severity IN {SEVERITIES}),
            at timestamptz NOT NULL,
            account_id uuid,
            sealed bytea NOT NULL,
            PRIMARY KEY (person_id, id),
            CONSTRAINT alarm_changes_alarm_reference FOREIGN KEY (person_id, alarm_id)
                REFERENCES alarms (person_id, id) ON DELETE CASCADE
        )
        """
    )
    op.execute("CREATE INDEX alarm_changes_alarm_index ON alarm_changes (person_id, alarm_id, id)")
    # A row a write, so that no writer waits for another; one more, under the person's own id, for what time alone decides.
    op.execute(
        """
        CREATE TABLE looks (
            person_id uuid NOT NULL,
            id uuid NOT NULL,
            at timestamptz NOT NULL,
            sort text NOT NULL CHECK (sort IN ('readings', 'signals', 'doses', 'time')),
            PRIMARY KEY (person_id, id)
        )
        """
    )
    op.execute("CREATE INDEX looks_at_index ON looks (at)")
    for table in ("alarm_rules", "alarms", "alarm_changes", "looks"):
        for statement in security.by_person(table, "alarms", or_read=WORKER, or_write=WORKER):
            op.execute(statement)
    op.execute(ASK)
    op.execute("REVOKE ALL ON FUNCTION ask_look FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION ask_look TO {security.ROLE}")


def downgrade() -> None:
    op.execute("DROP FUNCTION ask_look")
    for table in ("looks", "alarm_changes", "alarms", "alarm_rules"):
        op.execute(f"DROP TABLE {table}")
