"""What asking and ending both stand on."""

import base64
import hmac
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from ojas.features.identity.models import Erasure
from ojas.features.identity.schemas import ErasureView, Receipt
from ojas.features.identity.service.ground import AREA, house_key
from ojas.kit.db import Access, Tx

UNDO = timedelta(days=7)
"""How long it may be undone: long enough to notice somebody else's hand, short enough for every law we know of."""
OUTSIDE = "erasing"
"""The area in which erasures are seen whole: by the job, and by who holds a receipt's address."""
FILES, KEYS = "files", "keys"


def whole(tx: Tx, person_id: UUID) -> Access:
    """All there is of a person, and the tables of sign-in."""
    return replace(Access.of(person_id, account_id=tx.access.account_id), area=AREA)


def state_of(row: Erasure) -> str:
    if row.undone_at:
        return "undone"
    return "erased" if row.ended_at else "erasing" if row.begun_at else "waiting"


def receipt_of(row: Erasure) -> Receipt:
    return Receipt.model_validate(_facts(row))


def view_of(tx: Tx, row: Erasure) -> ErasureView:
    address = f"/erased/{row.id}?token={token_of(tx, row.id)}"
    return ErasureView.model_validate({**_facts(row), "person_id": row.person_id, "receipt": address})


def token_of(tx: Tx, id: UUID) -> str:
    """What opens a receipt without signing in. Derived, so that it can be told at the end as at the beginning."""
    mac = hmac.digest(house_key(tx, "erasure").material, b"receipt" + id.bytes, sha256)[:16]
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")


def _facts(row: Erasure) -> dict[str, object]:
    counts = dict(row.counts)
    files, keys = counts.pop(FILES, 0), counts.pop(KEYS, 0)
    entries = {name: n for name, n in counts.items() if n}
    return {
        "id": row.id,
        "state": state_of(row),
        "asked_at": row.asked_at,
        "due_at": row.due_at,
        "begun_at": row.begun_at,
        "ended_at": row.ended_at,
        "entries": entries,
        "files": files,
        "keys": keys,
    }
