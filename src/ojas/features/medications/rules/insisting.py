"""How a dose that nobody answers is said again. Times by ``doses``; the ladder is that of notifications."""

from ojas.features.medications.rules.doses import CAREGIVER, REMINDERS
from ojas.features.notifications.rules import Audience, Ladder, Step, Urgency

_PERSON = tuple(Step(after, Audience.PERSON, Urgency.HIGH) for after in REMINDERS)

USUAL = Ladder(_PERSON)
CRITICAL = Ladder((*_PERSON, Step(CAREGIVER, Audience.CAREGIVERS, Urgency.HIGH)))
"""Of a medicine whose missed dose is dangerous, somebody else is told at last: those the person named as caregivers."""
