"""Somebody with something in every table, and where in the database they can still be found."""

import io
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from PIL import Image

from ojas.features.medications.schemas import EXAMPLE
from ojas.kit.db import embedded
from tests.builders import apple_health as builder
from tests.conftest import work_off
from tests.features.identity.cast import Person, arrived

READING = {
    "kind": "weight",
    "effective_at": "2026-11-20T07:00:00+05:30",
    "unit": "kg",
    "value": 64.2,
    "confirmed": True,
}
NEEDED = {"pattern": {"kind": "as_needed"}, "start": "2026-03-01"}
BUNDLE = (
    b'{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Condition","id":"c",'
    b'"subject":{"reference":"Patient/p"},"code":{"text":"hypertension"},"recordedDate":"2026-01-02"}},'
    b'{"resource":{"resourceType":"Observation","id":"o","status":"final","subject":{"reference":"Patient/p"},'
    b'"effectiveDateTime":"2026-01-03T10:00:00Z","code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},'
    b'"valueQuantity":{"value":70,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}}}]}'
)
KEEPS = {
    ("audit_events", "person_id"),
    ("audit_events", "account_id"),
    ("audit_events", "subject_id"),
    ("erasures", "person_id"),
    # Whom others once let look, and who was in the house: numbers that lead nowhere any more.
    ("grants", "grantee_account_id"),
    ("grants", "granted_by"),
    ("grants", "revoked_by"),
    ("persons", "created_by"),
    ("roles", "given_by"),
}
"""What of a person or account may be found afterwards, and in which columns alone."""


def apple() -> bytes:
    return builder.days(1).zip()


async def lived(app: Any, settings: Any, name: str = "Meera Rao") -> Person:
    """Somebody who has used all there is."""

    me, other = await arrived(app, settings, name), await arrived(app, settings, "Ravi Menon")
    root = f"/people/{me.id}"

    async def done(method: str, path: str, who: Person = me, **more: Any) -> Any:
        answer = await who.ask(method, path, **more)
        assert answer.status_code < 300, f"{method} {path}: {answer.text}"
        return answer.json() if answer.content and "json" in answer.headers.get("content-type", "") else None

    drawn = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(drawn, "PNG")
    await done("PUT", f"{root}/picture", content=drawn.getvalue())
    made = await done("POST", f"{root}/readings", json=READING, headers={"idempotency-key": "one"})
    await done("DELETE", f"{root}/readings/{made['id']}")
    await done("POST", f"{root}/readings", json=READING)
    await done("POST", f"{root}/care-team", json={"name": "Dr Iyer", "role": "doctor"})
    made = await done("POST", f"{root}/medicines", json=EXAMPLE | {"schedule": NEEDED})
    await done("POST", f"{root}/medicines/{made['id']}/take", json={"notes": "A headache"})
    for name_, content in (("bundle.json", BUNDLE), ("export.zip", apple())):
        await done("POST", f"{root}/imports", files={"file": (name_, content, "application/octet-stream")})
        await work_off(app)  # imports of a person wait for each other
    await done("POST", f"{root}/exports")
    for giver, taker in ((me, other), (other, me)):
        grant = {"email": taker.email, "scopes": ["measurements"], "purpose": "TREAT", "kind": "share"}
        made = await done("POST", f"/people/{giver.id}/grants", giver, json=grant)
        await done("POST", f"/invitations/{giver.id}/{made['id']}/accept", taker)
    await work_off(app)
    imports = await done("GET", f"{root}/imports")
    assert [one["state"] for one in imports["items"]] == ["done", "done"], imports
    return me


def found(cluster: embedded.Cluster, *ids: UUID) -> dict[tuple[str, str], int]:
    """Rows in which one of these ids stands, by table and column: every column of uuid, text or jsonb, by the catalogue."""
    with psycopg.connect(superuser(cluster)) as reader:
        columns = reader.execute(
            "SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c"
            " JOIN pg_class t ON t.relname = c.table_name AND t.relkind IN ('r', 'p') AND NOT t.relispartition"
            " WHERE c.table_schema = 'public' AND c.data_type IN ('uuid', 'text', 'jsonb', 'character varying')"
        ).fetchall()
        hits = {}
        for table, column, kind in columns:
            like = " OR ".join(f"{column}::text LIKE %s" for _ in ids)
            n = reader.execute(
                f"SELECT count(*) FROM {table} WHERE {like}",  # type: ignore[arg-type]
                [str(id) if kind == "uuid" else f"%{id}%" for id in ids],
            ).fetchone()
            if n and n[0]:
                hits[table, column] = n[0]
    return hits


def superuser(cluster: embedded.Cluster) -> str:
    """Sees every row: row-level security binds even the owner."""
    return cluster.dsn(embedded.KEEPER)


def files(home: Path, person_id: UUID) -> list[Path]:
    return [path for path in (home / "objects").rglob("*") if str(person_id) in str(path)]
