"""The end of a call, and its line in the trail."""

from datetime import datetime

from ojas.features.emergency import models
from ojas.features.emergency.rules.terms import Outcome
from ojas.features.emergency.service.content import AlertContent
from ojas.features.emergency.service.looking import SUBJECT
from ojas.features.emergency.service.news import call_off, name_of, tell_over
from ojas.kit import audit, events
from ojas.kit.db import Tx


async def close(tx: Tx, row: models.Alert, outcome: Outcome, note: str | None, now: datetime) -> None:
    """End a call, and tell those who were told. What ends by itself is told to nobody."""
    content = await AlertContent.of(tx, row)
    by = await name_of(tx, tx.access.account_id)
    ended = content.model_copy(update={"resolved_by": by, "resolution": note})
    row.sealed = await ended.sealed(tx, row.person_id, row.id)
    row.outcome, row.resolved_at, row.call_at = outcome, now, None
    row.version += 1
    await call_off(tx, row)
    if outcome is not Outcome.LAPSED:
        await tell_over(tx, row, ended)
    await tell_changed(tx, row, "change")


async def tell_changed(tx: Tx, row: models.Alert, action: audit.Action) -> None:
    """Note in the trail that a call began or changed, and let others know."""
    await tx.session.flush()
    await audit.changed(tx, action, row.person_id, SUBJECT, row.id, version=row.version)
    verb = {"create": "created", "change": "changed"}[action]
    await events.emit(tx, f"{SUBJECT}.{verb}", person_id=row.person_id, id=row.id)
