"""A value that may well be a slip: in the wrong unit, or far from the last ones. The person is asked, never corrected."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from ojas.features.measurements.rules.entry import canonical, in_unit, plain, shortened
from ojas.features.measurements.rules.kind import Kind, Part
from ojas.kit import units
from ojas.kit.errors import Incorrect
from ojas.kit.i18n import N_

_FAR = Decimal("1.6")
_NEAR = Decimal("0.2")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What may have been meant."""

    value: Decimal
    unit: str


class Doubt(Incorrect):
    """It can be true, but is unlikely. Sent again with ``confirmed``, it is taken as it is."""

    code = "doubtful"

    def __init__(
        self,
        message: str,
        *,
        suggestion: Suggestion | None = None,
        field: str | None = None,
        **params: object,
    ):
        super().__init__(message, field=field, **params)  # type: ignore[arg-type]  # params are the holes alone
        self.suggestion = suggestion


def doubt_about(kind: Kind, value: Decimal, unit: str, recent: Sequence[Decimal]) -> Doubt | None:
    """A question about a value of a kind with one number, or None.

    ``recent``: the last few values, canonical, newest first. Worked: 154 "kg" after 70 kg; as pounds it is 69.9 kg,
    within a fifth of the usual, so pounds may have been meant.
    """
    if not recent or kind.is_panel:
        return None
    part = kind.main
    usual, found = median(recent[:5]), canonical(part, value, unit)
    if usual <= 0 or found <= 0:
        return None
    if max(found / usual, usual / found) > _FAR and (other := _meant_unit(part, value, unit, usual)):
        return Doubt(
            N_("{value} {unit} is far from your last {usual} {unit}. Did you mean {value} {other}?"),
            field=part.name,
            suggestion=Suggestion(value, other),
            value=plain(value),
            unit=units.symbol(unit),
            other=units.symbol(other),
            usual=shortened(in_unit(part, usual, unit), part, unit),
        )
    if kind.steady is not None and abs(found - usual) / usual > kind.steady:
        return Doubt(
            N_("{value} {unit} is far from your last {usual} {unit}. Is it right?"),
            field=part.name,
            value=plain(value),
            unit=units.symbol(unit),
            usual=shortened(in_unit(part, usual, unit), part, unit),
        )
    return None


def _meant_unit(part: Part, value: Decimal, unit: str, usual: Decimal) -> str | None:
    others = (each for each in part.units if each != unit)
    return next((each for each in others if abs(canonical(part, value, each) - usual) / usual < _NEAR), None)
