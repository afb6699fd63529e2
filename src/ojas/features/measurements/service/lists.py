"""The two lists of measurements, as collections."""

from uuid import UUID

from ojas.features.measurements import models, schemas
from ojas.features.measurements.kinds import CATALOGUE, GUIDELINES
from ojas.features.measurements.rules import Kind
from ojas.kit.collection import Collection
from ojas.kit.db import Tx
from ojas.kit.errors import Incorrect

READINGS: Collection[models.Reading, schemas.Measured, schemas.Reading] = Collection(
    name="readings",
    row=models.Reading,
    draft=schemas.Measured,
    view=schemas.Reading,
    order="effective_at",
    filters=("kind", "effective_at", "status", "source", "method"),
)


def kind_named(name: str) -> Kind:
    """The kind of this name.

    Raises:
        Incorrect: there is none.
    """
    if (kind := CATALOGUE.get(name)) is None:
        raise Incorrect("This kind of reading is not known here.", field="kind")
    return kind


async def _check_override(tx: Tx, person_id: UUID, draft: schemas.OverrideDraft) -> None:
    kind = kind_named(draft.kind)
    if draft.guideline is not None and GUIDELINES.get(draft.guideline) not in kind.guidelines:
        raise Incorrect("There is no such guideline for this kind of reading.", field="guideline")
    for name, limits in draft.limits.items():
        part = kind.part(name)
        if part is None:
            raise Incorrect("This kind of reading has no such number.", field=f"limits.{name}")
        steps = [
            step
            for step in (limits.danger_low, limits.low, limits.high, limits.danger_high)
            if step is not None
        ]
        if not steps or steps != sorted(steps) or not all(part.low <= step <= part.high for step in steps):
            raise Incorrect(
                "These limits must rise from low to high, and be possible.", field=f"limits.{name}"
            )
    if draft.guideline is None and not draft.limits:
        raise Incorrect("Choose a guideline, or give limits.", field="guideline")


OVERRIDES: Collection[models.BandOverride, schemas.OverrideDraft, schemas.OverrideView] = Collection(
    name="band-overrides",
    row=models.BandOverride,
    draft=schemas.OverrideDraft,
    view=schemas.OverrideView,
    filters=("kind",),
    check=_check_override,
)
