"""A schedule as FHIR R4 Dosages and back.

What Ojas writes comes back equal: what R4 has no element for (the days on and off of a cycle, the first hour of an interval,
the length of a step, what was put off) stands in one extension beside elements that others can read. What others write is
read as far as it can be kept, and what had to be assumed is said.
"""

from ojas.features.medications.rules.dosage.reading import Assumed, Read, from_fhir
from ojas.features.medications.rules.dosage.writing import SCHEDULE, to_fhir

__all__ = ["SCHEDULE", "Assumed", "Read", "from_fhir", "to_fhir"]
