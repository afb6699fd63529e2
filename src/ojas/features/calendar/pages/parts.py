"""What the form of an event and that of a template have in common."""

from typing import Any
from uuid import UUID

from ojas.features.calendar import service
from ojas.features.calendar.pages import showing
from ojas.features.calendar.rules.terms import Privacy
from ojas.features.sharing import service as sharing
from ojas.kit.db import Tx

BLANK: dict[str, Any] = {
    "kind": "event",
    "privacy": Privacy.SHARED.value,
    "type": "consultation",
    "visit": "in_person",
    "rhythm": "once",
    "currency": "INR",
}


async def frame_of(tx: Tx, person_id: UUID, values: dict[str, Any]) -> dict[str, Any]:
    """What there is to choose from, and what is chosen."""
    return {
        "chosen": _minutes(values.get("reminders") or []),
        "appointment": str(values.get("kind")) == "appointment",
        "names": [one.name for one in await sharing.team(tx, person_id)],
        "levels": [level for level in Privacy if service.may(tx, person_id, level, write=True)],
        "show": showing,
    }


def _minutes(given: Any) -> list[int]:
    """The reminders a form shows as chosen: as they are kept, or as they were typed, with whatever else was sent for one."""
    texts = [str(one) for one in (given if isinstance(given, list | tuple) else [given])]
    return [int(text) for text in texts if text.isdecimal() and len(text) <= 5]
