"""Events to begin from: a person's own, and those that Ojas brings."""

from datetime import timedelta
from uuid import UUID

from ojas.features.calendar import models
from ojas.features.calendar.rules.terms import CareType, Privacy
from ojas.features.calendar.schemas import Care, SystemTemplate, Template, TemplateDraft
from ojas.features.calendar.service.calendars import SCOPE
from ojas.features.calendar.service.team import refuse_stranger
from ojas.kit.collection import Collection
from ojas.kit.db import Tx
from ojas.kit.i18n import N_, _

TEMPLATES: Collection[models.EventTemplate, TemplateDraft, Template] = Collection(
    name="event-templates",
    row=models.EventTemplate,
    draft=TemplateDraft,
    view=Template,
    filters=("is_active",),
    check=refuse_stranger,
)

_SYSTEM: tuple[tuple[str, str, int, str, tuple[int, ...], CareType | None, str | None], ...] = (
    ("check-up", N_("Check-up with a doctor"), 30, "health", (1440, 60), CareType.FOLLOW_UP,
     N_("Bring the list of your medicines and your last readings.")),
    ("blood-test", N_("Blood test"), 20, "health", (1440, 60), CareType.TEST,
     N_("Ask whether to come without breakfast. Water is fine.")),
    ("vaccination", N_("Vaccination"), 20, "health", (1440, 60), CareType.PROCEDURE, N_("Bring your vaccination card.")),
    ("physiotherapy", N_("Physiotherapy"), 45, "exercise", (120,), CareType.PROCEDURE,
     N_("Wear loose clothes and firm shoes.")),
    ("walk", N_("Walk"), 30, "exercise", (), None, None),
    ("family", N_("Time with the family"), 120, "family", (), None, None),
)  # fmt: skip


def system_templates() -> list[SystemTemplate]:
    """Those that Ojas brings, in the reader's language."""
    return [
        SystemTemplate(
            key=key,
            name=_(title),
            title=_(title),
            duration=timedelta(minutes=minutes),
            category=category,
            reminders=reminders,
            privacy=Privacy.CLINICAL if care else Privacy.SHARED,
            care=Care(type=care, preparation=_(preparation) if preparation else None) if care else None,
        )
        for key, title, minutes, category, reminders, care, preparation in _SYSTEM
    ]


async def templates(tx: Tx, person_id: UUID) -> list[Template]:
    """A person's own that are in use."""
    tx.access.require(SCOPE, person_id)
    return list((await TEMPLATES.page(tx, person_id, limit=200, where={"is_active": True})).items)
