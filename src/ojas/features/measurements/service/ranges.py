"""What counts as in range for one person: their care team's limits, or a guideline that was chosen."""

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from ojas.features.measurements import queries, schemas
from ojas.features.measurements.rules import Kind, canonical, in_unit
from ojas.features.measurements.rules.entry import shortened
from ojas.features.measurements.service.lists import OVERRIDES
from ojas.kit.db import Tx
from ojas.kit.errors import Fault, Incorrect

SIDES = ("danger_low", "low", "high", "danger_high")


async def set_range(
    tx: Tx,
    person_id: UUID,
    kind: Kind,
    *,
    guideline: str | None,
    limits: Mapping[str, Mapping[str, Decimal | None]],
    unit: str,
    told_by: str | None = None,
) -> None:
    """Keep limits, typed in ``unit``, or a chosen guideline; with neither, what is usual applies again.

    Raises:
        Incorrect: limits that do not rise or cannot be, with the field ``systolic.low`` and so on.
    """
    tx.access.require("measurements", person_id, write=True)
    kept = {part: _limits(kind, part, sides, unit) for part, sides in limits.items() if any(_told(sides))}
    rows = [row for row in await queries.overrides(tx, person_id) if row.kind == kind.name]
    if guideline is None and not kept:
        for row in rows:
            await OVERRIDES.delete(tx, person_id, row.id)
        return
    draft = schemas.OverrideDraft(kind=kind.name, guideline=guideline, limits=kept, told_by=told_by)
    try:
        if rows:
            await OVERRIDES.change(tx, person_id, rows[0].id, draft)
        else:
            await OVERRIDES.create(tx, person_id, draft)
    except Incorrect as refusal:
        raise _renamed(refusal) from refusal


async def own_range(tx: Tx, person_id: UUID, kind: Kind) -> schemas.OverrideView | None:
    """What was set for this person and kind, if anything was."""
    found = await OVERRIDES.page(tx, person_id, limit=1, where={"kind": kind.name})
    return found.items[0] if found.items else None


def limits_in(kind: Kind, own: schemas.OverrideView | None, unit: str) -> dict[str, str]:
    """The limits that were set, in a reader's unit, as texts by field: ``systolic.low``."""
    found = {}
    for name, limits in (own.limits if own else {}).items():
        part = kind.part(name)
        for side in SIDES:
            value = getattr(limits, side)
            if part and value is not None:
                found[f"{name}.{side}"] = shortened(in_unit(part, value, unit), part, unit)
    return found


def _told(sides: Mapping[str, Decimal | None]) -> list[bool]:
    return [value is not None for value in sides.values()]


def _limits(kind: Kind, name: str, sides: Mapping[str, Decimal | None], unit: str) -> schemas.LimitsDraft:
    part = kind.part(name)
    if part is None:
        raise Incorrect("This kind of reading has no such number.", field=name)
    values = {side: canonical(part, value, unit) for side, value in sides.items() if value is not None}
    return schemas.LimitsDraft(**values)


def _renamed(refusal: Incorrect) -> Incorrect:
    """The fault beside the field of the form: limits.systolic is systolic.low."""
    faults = [
        Fault(each.message, f"{each.field.removeprefix('limits.')}.low", each.params)
        if each.field and each.field.startswith("limits.")
        else each
        for each in refusal.faults
    ]
    return Incorrect("Something here is not right yet.", faults=faults)
