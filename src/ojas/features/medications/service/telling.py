"""Telling the person of an allergy that speaks against something they take, when the record learns of it."""

from uuid import UUID

from ojas.features.identity import service as identity
from ojas.features.medications.schemas import Touched
from ojas.features.medications.service.checking import touched
from ojas.features.medications.service.medicines import SCOPE
from ojas.features.notifications import service as notifications
from ojas.features.notifications.rules import Topic, Urgency
from ojas.features.notifications.schemas import Params, Said
from ojas.features.sharing import service as sharing
from ojas.kit.db import Tx
from ojas.kit.i18n import _


@notifications.kind("medications.allergy", topic=Topic.MEDICATION, scope=SCOPE)
def ALLERGY(params: Params) -> Said:  # noqa: N802  # a kind, once it is declared
    text = _(
        "An allergy in the record ({allergy}) may not go with this: {medicines}. Ask a pharmacist or a doctor.",
        medicines=params["medicines"],
        allergy=params["allergy"],
    )
    return Said(_("A medicine and an allergy"), text, f"/p/{params['person']}/medicines")


async def tell_touched(tx: Tx, person_id: UUID, allergy_id: UUID | None = None) -> None:
    """Say what one allergy of the record, or any, speaks against: each allergy with its medicines once."""
    by_allergy: dict[UUID, list[Touched]] = {}
    for one in await touched(tx, person_id, allergy_id):
        by_allergy.setdefault(one.allergy_id, []).append(one)
    whose = (await sharing.names_kept(tx, [person_id])).get(person_id) if by_allergy else None
    for id, some in by_allergy.items():
        await _tell(tx, person_id, id, some, whose)


async def _tell(tx: Tx, person_id: UUID, allergy_id: UUID, some: list[Touched], whose: str | None) -> None:
    params = {
        "medicines": ", ".join(one.medicine for one in some),
        "allergy": some[0].allergy,
        "person": str(person_id),
        "whose": whose,
    }
    key = f"allergy:{allergy_id}:" + ",".join(sorted(str(one.medicine_id) for one in some))
    readers = await sharing.who_keeps(tx, person_id, SCOPE)
    async with tx.acting(notifications.saying(tx, person_id)):
        for reader in await identity.recipients(tx, readers):
            await notifications.notify(
                tx, person_id, ALLERGY, to=reader, urgency=Urgency.HIGH, key=key, params=params
            )
