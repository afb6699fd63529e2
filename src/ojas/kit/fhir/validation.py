"""Is this a resource as R4 defines it? And if not, which element is wrong, in words.

A schema is compiled when its type is first met (about 6 ms a type) and kept. After that an Observation of Synthea costs
4 µs, a Condition 8 µs, a Claim 23 µs, from Python objects (one core of a shared machine; docs/decisions/0008). What is
said of a fault names the element and never the value: faults are logged, answered and shown, and a value is somebody's.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import jsonschema_rs

from ojas.kit.errors import Fault, Incorrect
from ojas.kit.fhir import grammar, invariants, narrative
from ojas.kit.fhir.schema import schema
from ojas.kit.i18n import N_

_MOST_FAULTS = 20
"""As many as a person would read; a file of the wrong kind has thousands."""


def faults(resource: object) -> list[Fault]:
    """What is wrong with a resource, its contained ones and those of a Bundle with it; empty: nothing.

    ``field`` is the element as a FHIRPath, such as ``Patient.contact[0].gender``.
    """
    found: list[Fault] = []
    for fault in _faults(resource, None):
        found.append(fault)
        if len(found) == _MOST_FAULTS:
            break
    return found


def check(resource: object) -> None:
    """Refuse a resource that is not valid R4.

    Raises:
        Incorrect: with a fault for each element that is wrong, at most 20.
    """
    if found := faults(resource):
        raise Incorrect("This is not a FHIR R4 resource as its definition wants it.", faults=found)


@cache
def validator(kind: str) -> jsonschema_rs.Validator:
    """The compiled schema of a resource type."""
    # The plain engine, not the fancy one: it cannot be made to backtrack.
    return jsonschema_rs.Draft202012Validator(schema(kind), pattern_options=jsonschema_rs.RegexOptions())


def _faults(resource: object, path: str | None, contained: bool = False) -> Iterator[Fault]:
    if not isinstance(resource, dict):
        yield Fault("A FHIR resource is an object with a resourceType.", path)
        return
    kind = resource.get("resourceType")
    if not isinstance(kind, str) or kind not in grammar.resources():
        # Not the word that was sent: it may be anything.
        yield Fault("FHIR R4 has no resource of this type.", f"{path or 'Resource'}.resourceType")
        return
    path = path or kind
    if not validator(kind).is_valid(resource):
        for error in validator(kind).iter_errors(resource):
            yield _told(error, path, schema(kind))
        return  # what follows relies on the shape
    yield from narrative.faults(resource, path)
    yield from invariants.faults(resource, path)
    if contained and "contained" in resource:
        yield Fault("A contained resource contains no others.", f"{path}.contained")
    for at, inner, within in _inner(resource, kind):
        yield from _faults(inner, f"{path}.{at}", within)


def _inner(resource: Mapping[str, Any], kind: str) -> Iterator[tuple[str, object, bool]]:
    """Whole resources inside a resource: where, which, and whether it is contained."""
    for index, one in enumerate(resource.get("contained", ())):
        yield f"contained[{index}]", one, True
    if kind == "Bundle":
        for index, entry in enumerate(resource.get("entry", ())):
            if "resource" in entry:
                yield f"entry[{index}].resource", entry["resource"], False
            if "outcome" in entry.get("response", {}):
                yield f"entry[{index}].response.outcome", entry["response"]["outcome"], False
    elif kind == "Parameters":
        yield from _parameters(resource.get("parameter", ()), "parameter")


def _parameters(parameters: Sequence[Mapping[str, Any]], name: str) -> Iterator[tuple[str, object, bool]]:
    for index, one in enumerate(parameters):
        if "resource" in one:
            yield f"{name}[{index}].resource", one["resource"], False
        yield from _parameters(one.get("part", ()), f"{name}[{index}].part")


_MESSAGES = {
    "missing": N_("This must be there and is missing."),
    "choice": N_("Of this, exactly one kind of value may be there."),
    "null": N_("An empty place in a list needs a reason beside it."),
    "codes": N_("This must be one of the codes that FHIR defines for it."),
    "target": N_("This refers to a kind of resource that cannot stand here."),
}
_KINDS = {
    "required": _MESSAGES["missing"],
    "enum": _MESSAGES["codes"],
    "additionalProperties": N_("FHIR does not know this element here."),
    "pattern": N_("This is not written as FHIR writes it."),
    "type": N_("This is of the wrong kind: a text, a number, a list or an object was expected."),
    "minItems": N_("An empty list must be left out."),
    "maxItems": N_("There are too many of these."),
    "minLength": N_("An empty text must be left out."),
    "minProperties": N_("An empty element must be left out."),
    "minimum": N_("This number is too small."),
    "maximum": N_("This number is too large."),
}
_UNKNOWN = N_("This is not as FHIR defines it.")


def _told(error: jsonschema_rs.ValidationError, path: str, whole: Mapping[str, Any]) -> Fault:
    place = path + "".join(
        f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.instance_path
    )
    comment, _, name = _comment(error.schema_path, whole).partition(":")
    if comment in ("missing", "choice", "null"):
        return Fault(_MESSAGES[comment], f"{place}.{name}")
    if comment:
        return Fault(_MESSAGES[comment], place)
    kind = error.kind.name
    if kind == "required":
        return Fault(_KINDS[kind], f"{place}.{error.kind.value}")
    if kind == "additionalProperties":
        # A member's name is not a value; but only a plain one is repeated.
        names = [str(one) for one in error.kind.value if re.fullmatch(r"\w{1,64}", str(one))]
        return Fault(_KINDS[kind], f"{place}.{names[0]}" if names else place)
    return Fault(_KINDS.get(kind, _UNKNOWN), place)


def _comment(steps: Sequence[str | int], whole: Mapping[str, Any]) -> str:
    """The nearest $comment on the way to the keyword that failed; the way begins at $defs and holds no $ref."""
    found, here = "", whole
    for step in steps:
        if not isinstance(here, dict | list) or (isinstance(here, dict) and step not in here):
            return found
        here = here[step]
        if isinstance(here, dict):
            found = str(here.get("$comment", found))
    return found
