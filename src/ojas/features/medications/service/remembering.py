"""What was taken before a medicine was written down here, as it was kept elsewhere."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from ojas.features.medications import queries
from ojas.features.medications.rules import due as rules
from ojas.features.medications.rules.doses import Answer, Window, answered
from ojas.features.medications.service.content import Content
from ojas.features.medications.service.medicines import MEDICINES, SCOPE, row_of
from ojas.kit import audit, clock
from ojas.kit.db import Tx
from ojas.kit.errors import NotFound
from ojas.kit.i18n.zones import zone_of

Told = Callable[[rules.Dose], Answer | None]

_AT_ONCE = 500
_UNSAID = dict.fromkeys(("action", "answered_at", "told_at", "call_at"))


async def remember(tx: Tx, person_id: UUID, medicine_id: UUID, since: datetime, told: Told) -> int:
    """Make rows of the doses from ``since`` up to now, answered as ``told`` says (None: by nobody). Of what is over
    nobody is reminded, and one that is there already stays. Answers how many there are.

    Raises:
        NotFound: there is no such medicine. Incorrect: as in rules.doses.answered.
    """
    tx.access.require(SCOPE, person_id, write=True)
    kept = await queries.medicine(tx, person_id, medicine_id, lock=True)
    if kept is None:
        raise NotFound("This entry does not exist any more, or never did.")
    medicine, zone, now = await MEDICINES.shown(tx, kept), zone_of(kept.zone or "UTC"), clock.now()
    rows = []
    for dose in rules.due(medicine.schedule, zone, since, now):
        row = await row_of(tx, medicine, zone, dose, None, now) | _UNSAID
        given = told(dose)
        if given is not None and given.at <= now:
            row |= await _as_told(tx, row, given)
        elif now < row["closes_at"]:
            row["call_at"] = now  # it may still be taken
        rows.append(row)
    for n in range(0, len(rows), _AT_ONCE):
        await queries.keep(tx, rows[n : n + _AT_ONCE])
    audit.looked(tx, person_id, "doses", action="import")
    return len(rows)


async def _as_told(tx: Tx, row: dict[str, Any], given: Answer) -> dict[str, Any]:
    """What of a row an answer changes."""
    within = Window(row["opens_at"], row["at"], row["on_time_at"], row["closes_at"])
    stands = answered(None, given, within)
    assert stands is not None, "nothing to undo"
    content = Content(planned=given.amount, reason=given.reason)
    return {
        "action": stands.action.value,
        "answered_at": stands.at,
        "told_at": stands.told_at,
        "held": stands.held,
        "sealed": await content.sealed(tx, row["person_id"], row["id"]),
    }
