"""What a person sees before a medicine is kept: everything the checks found, to be read and confirmed once."""

from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from ojas.features.medications import service
from ojas.features.medications.rules.safety import Why
from ojas.features.medications.schemas import Found, Medicine, MedicineDraft, Safety
from ojas.kit.db import Tx
from ojas.kit.i18n import _


@dataclass(frozen=True, slots=True)
class Warned:
    """``found`` as sentences; ``seen`` is a name for all of them together, which comes back with the form."""

    found: tuple[Found, ...]
    seen: str


async def warned(
    tx: Tx, person_id: UUID, draft: MedicineDraft, seen: str | None, before: Medicine | None = None
) -> Warned | None:
    """What must still be shown; None: nothing was found, or it was shown already, or it holds for what was there before."""
    known = _found(await service.safety_of(tx, person_id, before, of=before.id)) if before else ()
    safety = await service.safety_of(tx, person_id, draft, of=before.id if before else None)
    fresh = tuple(one for one in _found(safety) if one not in known)
    name = sha256("\n".join(sorted(repr(_what(one)) for one in fresh)).encode()).hexdigest()[:32]
    return None if not fresh or seen == name else Warned(fresh, name)


def noted(done: str, safety: Safety) -> str:
    """What was ``done``, and where it could not be compared with the allergies, that and why."""
    return f"{done} {why}" if (why := uncompared(safety)) else done


def uncompared(safety: Safety) -> str | None:
    """Why it was not compared with the allergies, where there is something to be done about it."""
    allergies = safety.allergies
    if allergies.why is Why.NO_INGREDIENTS:
        return _("Not compared with the allergies.")
    return allergies.says if allergies.why in (Why.NO_ALLERGIES, Why.NOT_SHARED) else None


def _found(safety: Safety) -> tuple[Found, ...]:
    return (*safety.allergies.found, *safety.interactions.found, *safety.duplicates.found)


def _what(one: Found) -> tuple[object, ...]:
    """Whatever the language."""
    return one.ingredient, one.label, one.other, one.tie, one.severity


__all__ = ["Warned", "noted", "uncompared", "warned"]
