"""Rules of R4 between elements that a schema cannot say. Only those that a mapper here relies on; each has HL7's name.

The rest of HL7's FHIRPath constraints are not evaluated: most are advice, and a record that refuses what a hospital
really sent helps nobody.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ojas.kit.errors import Fault
from ojas.kit.fhir import dates

Resource = Mapping[str, Any]


def faults(resource: Resource, path: str) -> Iterator[Fault]:
    """What contradicts itself in a resource whose shape is right."""
    rule = _RULES.get(resource["resourceType"])
    if rule:
        yield from rule(resource, path)
    for name, value in resource.items():
        if name.endswith("eriod") and isinstance(value, dict) and not _in_order(value):  # per-1
            yield Fault("This period ends before it begins.", f"{path}.{name}")


def _in_order(period: Mapping[str, Any]) -> bool:
    start, end = period.get("start"), period.get("end")
    # A day without a clock reaches to its end, wherever on earth: so only what is surely wrong is refused.
    return not (start and end) or dates.parse(start).lower <= dates.parse(end).upper


def _observation(one: Resource, path: str) -> Iterator[Fault]:
    if "dataAbsentReason" in one and any(name.startswith("value") for name in one):  # obs-6
        yield Fault("There is a value, and a reason why there is none.", f"{path}.dataAbsentReason")


def _condition(one: Resource, path: str) -> Iterator[Fault]:
    if _has(one, "verificationStatus", "entered-in-error") and "clinicalStatus" in one:  # con-5
        yield Fault("What was entered in error has no clinical status.", f"{path}.clinicalStatus")
    over = any(name.startswith("abatement") for name in one)
    ended = any(_has(one, "clinicalStatus", code) for code in ("resolved", "remission", "inactive"))
    if over and "clinicalStatus" in one and not ended:  # con-4
        yield Fault("A condition that ended is not active any more.", f"{path}.clinicalStatus")


def _allergy(one: Resource, path: str) -> Iterator[Fault]:
    mistaken = _has(one, "verificationStatus", "entered-in-error")
    if mistaken and "clinicalStatus" in one:  # ait-2
        yield Fault("What was entered in error has no clinical status.", f"{path}.clinicalStatus")
    if not mistaken and "clinicalStatus" not in one:  # ait-1
        yield Fault("An allergy needs a clinical status.", f"{path}.clinicalStatus")


def _has(one: Resource, name: str, code: str) -> bool:
    return any(coding.get("code") == code for coding in one.get(name, {}).get("coding", ()))


_RULES: dict[str, Callable[[Resource, str], Iterator[Fault]]] = {
    "Observation": _observation,
    "Condition": _condition,
    "AllergyIntolerance": _allergy,
}
