"""What HL7's definitions of R4 say, as a table: which element has which type, how often, bound to which codes.

``r4.json.zst`` beside this file is made by ``scripts/fhir_schema.py`` from the package hl7.fhir.r4.core 4.0.1 (CC0-1.0):
34 kB, read in about 4 ms, once, when the first resource is looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import orjson
import zstandard


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a type.

    Attributes:
        name: as defined; ends with [x] if its JSON name depends on the type.
        least, most: cardinality; most 0 is any number.
        types: FHIR types; #Path is the content of another element, Resource any resource.
        codes: name of the value set it must be from. targets: resource types it may refer to; empty: any.
    """

    name: str
    least: int
    most: int
    types: tuple[str, ...]
    codes: str | None = None
    targets: tuple[str, ...] = ()

    @property
    def choice(self) -> bool:
        return self.name.endswith("[x]")

    @property
    def many(self) -> bool:
        return self.most != 1

    def names(self) -> Mapping[str, str]:
        """JSON name to type: one, or one for each type of a choice (value[x] → valueQuantity, …)."""
        if not self.choice:
            return {self.name: self.types[0]}
        return {self.name[:-3] + kind[0].upper() + kind[1:]: kind for kind in self.types}


@cache
def _r4() -> Mapping[str, Any]:
    packed = files(__package__).joinpath("r4.json.zst").read_bytes()
    found: Mapping[str, Any] = orjson.loads(zstandard.ZstdDecompressor().decompress(packed))
    return found


@cache
def resources() -> frozenset[str]:
    """The 146 resource types that R4 knows and that can exist."""
    return frozenset(_r4()["resources"])


def primitives() -> Mapping[str, str]:
    """Primitive type to the regular expression its text must match; empty: any text."""
    found: Mapping[str, str] = _r4()["primitives"]
    return found


@cache
def elements(kind: str) -> tuple[Element, ...]:
    """The elements of a type or of a backbone element (``Patient.contact``), in the order of the definition.

    Raises:
        KeyError: R4 has no such type.
    """
    return tuple(
        Element(
            name,
            least,
            most,
            tuple(types),
            **{key: _frozen(value) for rest in more for key, value in rest.items()},
        )
        for name, (least, most, types, *more) in _r4()["types"][kind].items()
    )


def codes(value_set: str) -> Mapping[str, tuple[str, ...]]:
    """{system: codes} of a value set an element is bound to."""
    found: Mapping[str, tuple[str, ...]] = _r4()["codes"][value_set]
    return found


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
