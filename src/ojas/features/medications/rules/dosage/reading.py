"""Dosages as a schedule."""

from collections.abc import Mapping, Sequence
from datetime import date

from ojas.features.medications.rules.dosage import own, prescribed
from ojas.features.medications.rules.dosage.elements import Element
from ojas.features.medications.rules.dosage.prescribed import Assumed, Read
from ojas.features.medications.rules.dosage.writing import SCHEDULE
from ojas.features.medications.rules.habits import Habits
from ojas.kit.errors import Incorrect

__all__ = ["Assumed", "Read", "from_fhir"]

USUAL = Habits()
MOST_DOSAGES = 200


def from_fhir(dosages: Sequence[Element], *, start: date, habits: Habits = USUAL) -> Read:
    """The schedule that Dosages tell, which must have passed ``kit.fhir.check``.

    ``start`` is the first day where they do not say; ``habits`` turn "at bedtime" into a time.

    Raises:
        Incorrect: they cannot be kept as one schedule, with the FHIRPath of the element below the list as field.
    """
    if not 0 < len(dosages) <= MOST_DOSAGES:
        raise Incorrect("Between 1 and {most} instructions.", field="dosage", most=MOST_DOSAGES)
    extensions = [_own(dosage) for dosage in dosages]
    if all(extensions):
        return Read(own.schedule_of(dosages, [each or {} for each in extensions]))
    return prescribed.schedule_of(dosages, start, habits)


def _own(dosage: Mapping[str, object]) -> Element | None:
    extensions = dosage.get("extension", ())
    assert isinstance(extensions, list | tuple)
    return next((each for each in extensions if each["url"] == SCHEDULE), None)
