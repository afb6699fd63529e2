"""What callers ask of units: is it one, do two fit, how much is it in the other."""

from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache

from ojas.kit.units.common import COMMON
from ojas.kit.units.unit import Unit

_DIGITS = Context(prec=34)  # IEEE decimal128; a conversion that has a finite decimal within these is exact


_REACH = 400  # as a fraction, 1E+999999999 has a billion digits


class UnitError(ValueError):
    """A code that is not UCUM, or two that do not fit. For the caller to put into words."""


def is_ucum(code: str) -> bool:
    """Whether ``code`` is a valid, case-sensitive UCUM code. The empty text is not."""
    return _unit(code) is not None


def same_dimension(left: str, right: str) -> bool:
    """Whether a value can go from one to the other.

    Amount of substance is a number in UCUM, so mmol/L fits /L, and not mg/dL, which needs the substance.
    """
    one, other = _unit(left), _unit(right)
    return one is not None and other is not None and one.fits(other)


def convert(value: Decimal, from_: str, to: str) -> Decimal:
    """``value`` of ``from_`` in ``to``: exact where decimals can say it, else to 34 significant digits.

    Worked: 154 [lb_av] = 154 x 0.45359237 kg = 69.85322498 kg; 98.6 [degF] = (98.6 - 32) x 5/9 Cel = 37 Cel.

    Raises:
        UnitError: a code is not UCUM, the two do not fit, or the value is not finite, or beyond 10^±400.
    """
    if not value.is_finite() or not -_REACH < _exponent(value) < _REACH:
        raise UnitError(f"{value} is not a number")
    if from_ == to:
        return value
    source, target = _known(from_), _known(to)
    if not source.fits(target):
        raise UnitError(f"{from_} does not fit {to}")
    if source.scale and source != target:
        raise UnitError(f"{from_} and {to} are scales that cannot be converted")
    found = source.to(target, Fraction(value))
    return _DIGITS.divide(Decimal(found.numerator), Decimal(found.denominator))


def _exponent(value: Decimal) -> int:
    found = value.as_tuple().exponent
    assert isinstance(found, int)  # it is finite
    return found


def _known(code: str) -> Unit:
    if (unit := _unit(code)) is None:
        raise UnitError(f"{code} is not a UCUM unit")
    return unit


@lru_cache(4096)
def _unit(code: str) -> Unit | None:
    if found := COMMON.get(code):
        return found
    if not code or len(code) > 100 or not code.isascii():
        return None
    from ojas.kit.units import grammar  # here, since it is slow to load and seldom needed

    return grammar.read(code)
