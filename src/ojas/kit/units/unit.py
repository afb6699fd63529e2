"""A unit as arithmetic: a product of base units, a factor, and for scales such as °C a zero of their own."""

from dataclasses import dataclass
from fractions import Fraction

Dimension = tuple[tuple[str, int], ...]
"""Base units with their powers, sorted; empty for a pure number."""


@dataclass(frozen=True, slots=True)
class Unit:
    """``value`` of this unit are ``value * factor + zero`` base units.

    ``scale`` names a scale that is no multiple of anything (pH, decibel): it converts to itself alone.
    """

    factor: Fraction
    dimension: Dimension = ()
    zero: Fraction = Fraction(0)
    scale: str = ""

    def __mul__(self, other: "Unit") -> "Unit":
        return Unit(
            self.factor * other.factor,
            _joined(self.dimension, other.dimension, 1),
            scale=self.scale + other.scale,
        )

    def __truediv__(self, other: "Unit") -> "Unit":
        return Unit(
            self.factor / other.factor,
            _joined(self.dimension, other.dimension, -1),
            scale=self.scale + other.scale,
        )

    def __pow__(self, power: int) -> "Unit":
        return Unit(
            self.factor**power, tuple((base, n * power) for base, n in self.dimension), scale=self.scale
        )

    def fits(self, other: "Unit") -> bool:
        return self.dimension == other.dimension and self.scale == other.scale

    def to(self, other: "Unit", value: Fraction) -> Fraction:
        """The value in ``other``, which must fit; a scale of its own goes to the very same unit only."""
        return (value * self.factor + self.zero - other.zero) / other.factor


def _joined(left: Dimension, right: Dimension, sign: int) -> Dimension:
    powers = dict(left)
    for base, power in right:
        powers[base] = powers.get(base, 0) + sign * power
    return tuple(sorted((base, power) for base, power in powers.items() if power))
