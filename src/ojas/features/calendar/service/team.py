"""Whom of the care team an appointment is with."""

from collections.abc import Mapping
from uuid import UUID

from ojas.features.calendar.schemas import Plan
from ojas.features.sharing import service as sharing
from ojas.kit.db import Access, Tx
from ojas.kit.errors import Incorrect, NotFound


async def team_by_name(tx: Tx, person_id: UUID) -> Mapping[str, UUID]:
    """The care team as one names it in a form or a file, whichever letters are large; as far as the caller may see it."""
    return {one.name.casefold(): one.id for one in await sharing.team(tx, person_id)}


async def refuse_stranger(tx: Tx, person_id: UUID, plan: Plan, before: Plan | None = None) -> None:
    """Of whom it was with ``before`` nothing is asked: they may have left the team since.

    Raises:
        Incorrect: with the field ``care.member_id``: nobody of this person's care team is called so.
    """
    id = plan.care.member_id if plan.care else None
    if id is None or (before and before.care and before.care.member_id == id):
        return
    seen = Access(may_read={"care_team": frozenset({person_id})})
    async with tx.acting(tx.access.joined(seen)):  # whoever may plan need not see the team
        try:
            await sharing.CARE_TEAM.read(tx, person_id, id)
        except NotFound as problem:
            raise Incorrect("There is no such member of the care team.", field="care.member_id") from problem
