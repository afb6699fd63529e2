"""How much: a number with its unit."""

from dataclasses import dataclass
from decimal import Decimal

from ojas.kit import units
from ojas.kit.errors import Incorrect

LARGEST = Decimal(10**7)
_PLACES = Decimal("1e-6")
DOSE = "{dose}"
"""The unit of amounts that count doses, whatever is in one."""


@dataclass(frozen=True, slots=True)
class Amount:
    """``value`` of ``unit``: a UCUM code, or for what is counted a word in braces such as {tablet}.

    Six decimals and seven digits before them: what a number of FHIR's JSON carries there and back unchanged.

    Raises:
        Incorrect: with the field ``value`` or ``unit``.
    """

    value: Decimal
    unit: str

    def __post_init__(self) -> None:
        if not self.value.is_finite() or self.value <= 0:
            raise Incorrect("This must be a number above nought.", field="value")
        if self.value >= LARGEST:
            raise Incorrect("This number is too large.", field="value")
        if self.value != self.value.quantize(_PLACES):
            raise Incorrect("At most six decimals.", field="value")
        if not _is_unit(self.unit):
            raise Incorrect("This is not a unit.", field="unit")

    @property
    def counted(self) -> bool:
        """Whether things are counted, not measured."""
        return self.unit.startswith("{")

    @property
    def word(self) -> str:
        """The unit as it is written beside the number."""
        return self.unit.strip("{}") if self.counted else units.symbol(self.unit) or self.unit

    def times(self, factor: Decimal | int) -> "Amount":
        return Amount(self.value * factor, self.unit)

    def of(self, unit: str) -> Decimal | None:
        """The value in another unit; None where the units do not fit."""
        if unit == self.unit:
            return self.value
        if self.counted or unit.startswith("{") or not units.same_dimension(self.unit, unit):
            return None
        return units.convert(self.value, self.unit, unit)


def _is_unit(text: str) -> bool:
    if text.startswith("{"):
        return text.endswith("}") and 2 < len(text) <= 42 and text[1:-1].isprintable() and "{" not in text[1:]
    return 0 < len(text) <= 42 and units.is_ucum(text)
