"""JSON Schema (2020-12) of one R4 resource type, made from the grammar when it is first needed.

Stricter than HL7's own fhir.schema.json: unknown members, empty strings, arrays and objects, null outside the arrays
that may hold it, two values of one choice, codes outside a required binding, days that do not exist and references to
the wrong type of resource are refused. What JSON Schema says badly is said in words that begin "$comment", so that a
failure can be told to a person (see ``validation``).

Whole resources inside a resource (contained, Bundle.entry.resource) are only asked to be objects with a known
resourceType: each is validated by its own schema, else every schema would hold all 146.
"""

from collections.abc import Iterator
from typing import Any

from ojas.kit.fhir import grammar
from ojas.kit.fhir.grammar import Element

Schema = dict[str, Any]

# The months as they are, and 29 February in leap years alone; HL7's own pattern lets 2023-02-30 pass.
_YEAR = r"(?:[0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)"
_LEAP = r"(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
_DAY = (
    rf"(?:{_YEAR}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    rf"|02-(?:0[1-9]|1[0-9]|2[0-8]))|{_LEAP}-02-29)"
)
_MONTH = rf"{_YEAR}(?:-(?:0[1-9]|1[0-2]))?"
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
_ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"

_INT32 = 2**31
_SPECIAL: dict[str, Schema] = {
    "boolean": {"type": "boolean"},
    "decimal": {"type": "number"},
    "integer": {"type": "integer", "minimum": -_INT32, "maximum": _INT32 - 1},
    "unsignedInt": {"type": "integer", "minimum": 0, "maximum": _INT32 - 1},
    "positiveInt": {"type": "integer", "minimum": 1, "maximum": _INT32 - 1},
    # HL7's patterns for these two say "not empty", in a way that costs a scan of the text.
    "string": {"type": "string", "minLength": 1},
    "markdown": {"type": "string", "minLength": 1},
    "xhtml": {"type": "string", "minLength": 1},
    "date": {"type": "string", "pattern": f"^(?:{_MONTH}|{_DAY})$"},
    "dateTime": {"type": "string", "pattern": f"^(?:{_MONTH}|{_DAY}(?:T{_CLOCK}{_ZONE})?)$"},
    "instant": {"type": "string", "pattern": f"^{_DAY}T{_CLOCK}{_ZONE}$"},
}
_ELEMENT = "Element"  # what stands beside a primitive, under the name with an underscore


def schema(resource: str) -> Schema:
    """The schema of a resource type, complete in itself.

    Raises:
        KeyError: R4 has no such resource.
    """
    if resource not in grammar.resources():
        raise KeyError(resource)
    defined: dict[str, Schema] = {_ELEMENT: _object((Element("id", 0, 1, ("string",)), _EXTENSIONS))}
    waiting = [resource, "Extension", "string"]
    while waiting:
        kind = waiting.pop()
        if kind not in defined:
            defined[kind] = _definition(kind)
            waiting.extend(_needed(kind))
    defined[resource] = _resource(resource, defined[resource])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": f"#/$defs/{_key(resource)}",
        "$defs": {_key(name): one for name, one in defined.items()},
    }


_EXTENSIONS = Element("extension", 0, 0, ("Extension",))


def _key(kind: str) -> str:
    return kind.removeprefix("#")


def _ref(kind: str) -> Schema:
    return {"$ref": f"#/$defs/{_key(kind)}"}


def _needed(kind: str) -> Iterator[str]:
    if kind not in grammar.primitives():
        for element in grammar.elements(_key(kind)):
            yield from (one.removeprefix("#") for one in element.types if one != "Resource")


def _definition(kind: str) -> Schema:
    if kind in _SPECIAL:
        return _SPECIAL[kind]
    if kind in grammar.primitives():
        return {"type": "string", "pattern": f"^(?:{grammar.primitives()[kind]})$", "minLength": 1}
    return _object(grammar.elements(kind))


def _resource(name: str, found: Schema) -> Schema:
    return {
        **found,
        "properties": {"resourceType": {"const": name}, **found["properties"]},
        "required": ["resourceType", *found.get("required", [])],
    }


def _object(elements: tuple[Element, ...]) -> Schema:
    properties: dict[str, Schema] = {}
    rules: list[Schema] = []
    required: list[str] = []
    for element in elements:
        for name, kind in element.names().items():
            properties[name] = _value(element, kind)
            if kind in grammar.primitives():
                properties["_" + name] = _sibling(element)
                rules.extend(_nulls(element))
        if element.choice:
            rules.append(_one_of(element))
        elif element.least and element.types[0] not in grammar.primitives():
            required.append(element.name)
        elif element.least:
            rules.append({"$comment": f"missing:{element.name}", "anyOf": _present(element.name)})
    found: Schema = {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "minProperties": 1,
    }
    return found | ({"required": required} if required else {}) | ({"allOf": rules} if rules else {})


def _value(element: Element, kind: str) -> Schema:
    one = _single(element, kind)
    if not element.many:
        return one
    if kind in grammar.primitives():
        one = _or_null(one, kind)
    return {"type": "array", "items": one, "minItems": max(1, element.least)} | (
        {"maxItems": element.most} if element.most else {}
    )


def _or_null(one: Schema, kind: str) -> Schema:
    """The definition itself, widened: an anyOf would hide what is wrong with a value that is not null."""
    if "enum" in one:
        return {"enum": [*one["enum"], None]}
    definition = _definition(kind)
    return definition | {"type": [definition["type"], "null"]}


def _single(element: Element, kind: str) -> Schema:
    if kind == "Resource":
        return {"type": "object", "required": ["resourceType"]}
    if element.codes and kind == "code":
        return {"enum": sorted({code for some in grammar.codes(element.codes).values() for code in some})}
    if element.codes and kind in ("CodeableConcept", "Coding"):
        return {"allOf": [_ref(kind), _coded(element.codes, kind)]}
    if element.targets and kind == "Reference":
        return {"allOf": [_ref(kind), _targets(element.targets)]}
    return _ref(kind)


def _coded(value_set: str, kind: str) -> Schema:
    """One coding of a concept is from the value set; a code of a system of its own beside it is welcome."""
    some = [
        {
            "properties": {"system": {"const": system}, "code": {"enum": list(codes)}},
            "required": ["system", "code"],
        }
        for system, codes in grammar.codes(value_set).items()
    ]
    if kind == "Coding":
        return {"$comment": "codes", "anyOf": some}
    return {
        "$comment": "codes",
        "properties": {"coding": {"contains": {"anyOf": some}}},
        "required": ["coding"],
    }


def _targets(types: tuple[str, ...]) -> Schema:
    """A relative reference names its type, which must be one of these; others (#, urn:, https:) do not tell."""
    pattern = rf"^(?:#|[a-z][a-z0-9+.-]*:|(?:{'|'.join(types)})(?:[/?]|$))"
    return {"$comment": "target", "properties": {"reference": {"pattern": pattern}}}


def _sibling(element: Element) -> Schema:
    if not element.many:
        return _ref(_ELEMENT)
    return {"type": "array", "items": {"anyOf": [_ref(_ELEMENT), {"type": "null"}]}, "minItems": 1}


def _nulls(element: Element) -> Iterator[Schema]:
    """null stands in an array of primitives only where the sibling says why."""
    if element.many:
        name = element.name
        no_null = {"properties": {name: {"items": {"not": {"type": "null"}}}}}
        yield {"$comment": f"null:{name}", "anyOf": [{"required": ["_" + name]}, no_null]}


def _present(name: str) -> list[Schema]:
    return [{"required": [name]}, {"required": ["_" + name]}]


def _one_of(element: Element) -> Schema:
    """At most one of a choice (exactly one where it is required), with its sibling."""
    some: list[Schema] = [
        {"anyOf": _present(name)} if kind in grammar.primitives() else {"required": [name]}
        for name, kind in element.names().items()
    ]
    exactly: Schema = {"oneOf": some}
    if element.least:
        return {"$comment": f"choice:{element.name}", **exactly}
    return {"$comment": f"choice:{element.name}", "if": {"anyOf": some}, "then": exactly}
