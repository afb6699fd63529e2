"""Telling whoever sent a file what became of it: they have long closed the page."""

from contextlib import suppress
from uuid import UUID

from ojas.features.connections import queries
from ojas.features.connections.service import imports
from ojas.features.notifications import service as notifications
from ojas.features.notifications.rules import Topic, Urgency
from ojas.features.notifications.schemas import Params, Said
from ojas.kit.db import Tx
from ojas.kit.errors import NotFound
from ojas.kit.i18n import _


@notifications.kind("connections.import_ended", topic=Topic.SYSTEM, scope=imports.SCOPE)
def ENDED(params: Params) -> Said:  # noqa: N802  # a kind, once it is declared
    path = f"/p/{params['person_id']}/imports/{params['import_id']}"
    if params["state"] == "failed":
        return Said(
            _("An import did not end well"), _("Open it to see what happened, and try it again."), path
        )
    return Said(_("An import is done"), _("Open it to see what came in, and what did not and why."), path)


async def tell_ended(tx: Tx, person_id: UUID, import_id: UUID) -> None:
    """Say to whoever started an import how it ended. Nothing that went well disturbs anybody: it waits for the digest."""
    row = await queries.an_import(tx, person_id, import_id)
    if row is None or row.account_id is None or row.state not in ("done", "failed"):
        return
    params = {"person_id": str(person_id), "import_id": str(import_id), "state": row.state}
    with suppress(NotFound):  # their account is closed
        await notifications.notify(
            tx,
            person_id,
            ENDED,
            to=row.account_id,
            urgency=Urgency.LOW if row.state == "done" else Urgency.MEDIUM,
            key=f"{import_id} {row.ended_at}",
            params=params,
        )
