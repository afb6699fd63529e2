"""What is wrong, before users notice: each check looks at one thing, and says in a sentence what it found."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from ojas.cli.ground import Ground, ground
from ojas.cli.said import sentence_of
from ojas.kit.settings import Settings

if TYPE_CHECKING:
    import psycopg

State = Literal["well", "note", "unwell"]

_ROOM = 1 << 30
_SAMPLE = 200
_READABLE = 0.85  # of random bytes about 0.37 are printable ASCII; of text, nearly all


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    state: State
    says: str


def examine(settings: Settings) -> list[Finding]:
    """Every check in order; those of the database only if it can be reached."""
    found = [_checked("disk", lambda: _disk(settings)), _checked("master key", lambda: _key(settings))]
    try:
        with ground(settings) as standing, _connected(standing.app) as service:
            found.append(
                Finding(
                    "database",
                    "well",
                    f"PostgreSQL {service.info.parameter_status('server_version')} answers.",
                )
            )
            found += [_checked(name, partial(check, service)) for name, check in _OF_DATABASE.items()]
            found.append(_checked("sealed data", lambda: _sealed(standing)))
    except Exception as problem:
        found.append(Finding("database", "unwell", sentence_of(problem) or type(problem).__name__))
    found.append(_checked("mail", lambda: _mail(settings)))
    return found


def words(found: list[Finding]) -> str:
    marks = {"well": "ok  ", "note": "note", "unwell": "BAD "}
    return "\n".join(f"{marks[f.state]}  {f.check:<14} {f.says}" for f in found)


def plain(found: list[Finding]) -> dict[str, Any]:
    return {"well": all(f.state != "unwell" for f in found), "findings": [asdict(f) for f in found]}


def _checked(name: str, check: Callable[[], tuple[State, str]]) -> Finding:
    try:
        return Finding(name, *check())
    except Exception as problem:
        return Finding(name, "unwell", sentence_of(problem) or f"{type(problem).__name__}: {problem}")


def _disk(settings: Settings) -> tuple[State, str]:
    from ojas.cli.ground import home

    home(settings)
    free = shutil.disk_usage(settings.home).free
    said = f"{free / 1e9:.1f} GB free in {settings.home}."
    return (
        ("well", said)
        if free > _ROOM
        else ("unwell", f"Only {said} Below 1 GB, imports and backups may fail.")
    )


def _key(settings: Settings) -> tuple[State, str]:
    from ojas.kit import crypto

    keys = crypto.load(settings)
    copy = settings.home / "recovery"
    said = f"Fingerprint {keys.fingerprint}, version {keys.version}."
    if copy.exists():
        return "well", f"{said} A recovery code was made."
    return "note", f"{said} No recovery code yet: run ojas keys recovery."


def _mail(settings: Settings) -> tuple[State, str]:
    if settings.smtp_url is None:
        return (
            "note",
            f"No mail server is set (OJAS_SMTP_URL); letters are written to {settings.home / 'outbox'}.",
        )
    return "well", "A mail server is set."


def _schema(service: "psycopg.Connection[Any]") -> tuple[State, str]:
    from ojas.kit.db.migrate import head

    (found,) = service.execute("SELECT version_num FROM alembic_version").fetchone() or ("none",)
    if found == head():
        return "well", f"At {found}, the newest."
    return "unwell", f"At {found}, but this version expects {head()}: run ojas migrate."


def _role(service: "psycopg.Connection[Any]") -> tuple[State, str]:
    row = service.execute(
        "SELECT rolsuper OR rolbypassrls, (SELECT count(*) FROM pg_class c WHERE c.relowner = r.oid), rolname "
        "FROM pg_roles r WHERE rolname = current_user"
    ).fetchone()
    assert row is not None
    mighty, owned, name = row
    if mighty or owned:
        return (
            "unwell",
            f"The service connects as {name}, which can get round row-level security; it must own nothing.",
        )
    return (
        "well",
        f"The service connects as {name}, which owns nothing and cannot get round row-level security.",
    )


def _isolation(service: "psycopg.Connection[Any]") -> tuple[State, str]:
    rows = service.execute(
        "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity FROM pg_class c "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'person_id' AND NOT a.attisdropped "
        "WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace ORDER BY 1"
    ).fetchall()
    bare = [table for table, forced in rows if not forced]
    if bare:
        return "unwell", f"Without forced row-level security: {', '.join(bare)}."
    return "well", f"Row-level security is forced on all {len(rows)} tables about persons."


def _jobs(service: "psycopg.Connection[Any]") -> tuple[State, str]:
    (alive,) = service.execute(
        "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '30 seconds'"
    ).fetchone() or (0,)
    waiting, failed = service.execute(
        "SELECT count(*) FILTER (WHERE status = 'todo'), count(*) FILTER (WHERE status = 'failed') FROM procrastinate_jobs"
    ).fetchone() or (0, 0)
    said = f"{alive} at work, {waiting} waiting, {failed} failed."
    return ("note" if failed or (waiting and not alive) else "well"), said


def _messages(service: "psycopg.Connection[Any]") -> tuple[State, str]:
    with service.transaction():
        service.execute("SET LOCAL ojas.area = 'deliveries'")
        rows = service.execute(
            "SELECT channel, count(*), (array_agg(answer ORDER BY tried_at DESC NULLS LAST))[1] FROM deliveries "
            "WHERE state IN ('refused', 'dead') AND first_at > now() - interval '1 day' GROUP BY 1 ORDER BY 1"
        ).fetchall()
        (late,) = service.execute(
            "SELECT count(*) FROM deliveries WHERE state = 'waiting' AND due_at < now() - interval '10 minutes'"
        ).fetchone() or (0,)
    bad = [f"{channel} {n} (last: {answer})" for channel, n, answer in rows]
    if late:
        return "unwell", f"{late} should have left ten minutes ago: is the job process running (ojas work)?"
    return (
        ("note", f"Did not arrive within a day: {'; '.join(bad)}.") if bad else ("well", "All left in time.")
    )


def _watch(service: "psycopg.Connection[Any]") -> tuple[State, str]:
    from ojas.kit.jobs.watch import STILL_S

    (last, since) = service.execute(
        "SELECT max(looked_at), min(looked_at) FILTER (WHERE looked_at < now() - %s * interval '1 second') FROM ticks",
        [STILL_S],
    ).fetchone() or (None, None)
    if last is None:
        return (
            "note",
            "Nobody ever looked for what is due: no reminder and no alarm goes out until ojas work runs.",
        )
    if since:
        return (
            "unwell",
            f"Reminders and alarms stand still since {since:%Y-%m-%d %H:%M} UTC: is ojas work running?",
        )
    return "well", "Somebody looks for what is due."


_OF_DATABASE: dict[str, Callable[["psycopg.Connection[Any]"], tuple[State, str]]] = {
    "schema": _schema,
    "role": _role,
    "isolation": _isolation,
    "jobs": _jobs,
    "watch": _watch,
    "messages": _messages,
}


def _sealed(standing: Ground) -> tuple[State, str]:
    """Look at what lies in the tables as whoever steals the disk would. Only the keeper of the embedded one can."""
    from ojas.kit.db.embedded import KEEPER

    if standing.lease is None:
        return "note", "Not looked at: on a PostgreSQL of your own, Ojas has no role that may see all rows."
    with _connected(standing.lease.cluster.dsn(KEEPER)) as keeper:
        columns = keeper.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND data_type = 'bytea' ORDER BY 1, 2"
        ).fetchall()
        looked, open_ = 0, []
        for table, column in columns:
            rows = keeper.execute(
                f'SELECT "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL LIMIT {_SAMPLE}'
            ).fetchall()  # names from the catalogue
            looked += len(rows)
            if any(_reads_as_text(bytes(value)) for (value,) in rows):
                open_.append(f"{table}.{column}")
    if open_:
        return "unwell", f"What should be sealed reads as text in {', '.join(open_)}."
    return "well", f"{looked} stored values of {len(columns)} columns were looked at; none reads as text."


def _reads_as_text(value: bytes) -> bool:
    if value.startswith((b"$argon2", b"$2")):  # a password's hash is meant to be read, by what verifies it
        return False
    return len(value) >= 24 and sum(32 <= byte < 127 for byte in value) > _READABLE * len(value)


@contextmanager
def _connected(conninfo: str) -> Iterator["psycopg.Connection[Any]"]:
    import psycopg

    with psycopg.connect(conninfo, autocommit=True, connect_timeout=5) as connection:
        yield connection
