"""Any UCUM code, read by ucumvert's grammar and worked out from the definitions of UCUM 2.2 it carries."""

import re
from fractions import Fraction
from functools import cache
from typing import Any, cast

from lark import Lark, Token, Transformer
from lark.exceptions import LarkError
from ucumvert.parser import get_ucum_parser
from ucumvert.xml_util import UcumUnitDefinition, get_base_units, get_units_with_full_definition

from ojas.kit.units.unit import Unit

_POWERED_NUMBER = re.compile(r"(?:^|[./(])\d+[+-]\d")  # 10+3: the grammar lets it pass, UCUM does not
_ONE = Unit(Fraction(1))
_POWER = 99  # units in use go to 24
_PREFIXES = dict(zip("YZEPTGMkh", (24, 21, 18, 15, 12, 9, 6, 3, 2), strict=True)) | {"da": 1}
_PREFIXES |= dict(zip("dcmunpfazy", (-1, -2, -3, -6, -9, -12, -15, -18, -21, -24), strict=True))
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40}
_DEGREES = {
    "Cel": (Fraction(1), Fraction("273.15")),
    "[degF]": (Fraction(5, 9), Fraction("459.67") * Fraction(5, 9)),
    "[degRe]": (Fraction(5, 4), Fraction("273.15")),
}
"""Kelvin to one degree, and the scale's zero in kelvin."""


def read(code: str) -> Unit | None:
    """What ``code`` is, or None if it is not UCUM."""
    if _POWERED_NUMBER.search(code):
        return None
    try:
        return _Reckoner().transform(_parser().parse(code))
    except LarkError:
        return None


@cache
def _parser() -> Lark:
    return cast("Lark", get_ucum_parser())  # type: ignore[no-untyped-call]


@cache
def _definitions() -> dict[str, UcumUnitDefinition]:
    return {found.code_cs: found for found in get_units_with_full_definition()}


@cache
def _atom(code: str) -> Unit:
    if code in get_base_units():
        return Unit(Fraction(1), ((code, 1),))
    found = _definitions()[code]
    if found.is_arbitrary and found.defining_unit == "1":
        # UCUM: arbitrary units are commensurable with nothing, not even with each other.
        return Unit(Fraction(1), ((code, 1),))
    if found.is_special:
        return _special(code)
    unit = read(found.defining_unit)
    assert unit is not None, f"UCUM defines {code} by {found.defining_unit}"
    return Unit(Fraction(str(found.conversion_factor)) * unit.factor, unit.dimension)


def _special(code: str) -> Unit:
    """Degrees have a zero of their own; the other functions (pH, bel, slopes) stay as they are."""
    if code in _DEGREES:
        factor, zero = _DEGREES[code]
        return Unit(factor, (("K", 1),), zero=zero)
    return Unit(Fraction(1), scale=code)


class _Reckoner(Transformer[Token, Unit]):
    """Folds the grammar's tree; the names of methods are those of its rules."""

    def main_term(self, parts: list[Any]) -> Unit:
        return _ONE / _unit(parts[1]) if len(parts) == 2 else _unit(parts[0])

    def term(self, parts: list[Any]) -> Unit:
        left, operator, right = parts
        return _unit(left) * _unit(right) if operator == "." else _unit(left) / _unit(right)

    def component(self, parts: list[Any]) -> Unit:
        return _unit(parts[0])

    def annotatable(self, parts: list[Any]) -> Unit:
        if len(parts) == 1:
            return _unit(parts[0])
        if abs(power := int(parts[1])) > _POWER:
            raise ValueError(f"to the power of {power}")  # 10*999999999 would be reckoned for hours
        return _unit(parts[0]) ** power

    def simple_unit(self, parts: list[Any]) -> Unit:
        if len(parts) == 2:
            prefix, unit = str(parts[0]), _atom(str(parts[1]))
            scale = prefix + unit.scale if unit.scale else ""
            return Unit(_prefix(prefix) * unit.factor, unit.dimension, unit.zero, scale)
        text = str(parts[0])
        return Unit(Fraction(text)) if text.isdigit() else _atom(text)


def _prefix(prefix: str) -> Fraction:
    return Fraction(2) ** _BINARY[prefix] if prefix in _BINARY else Fraction(10) ** _PREFIXES[prefix]


def _unit(part: Unit | Token) -> Unit:
    """A bare annotation, ``{steps}``, counts as the number one."""
    return part if isinstance(part, Unit) else _ONE
