"""How far a value is from where it should be."""

from enum import StrEnum

from ojas.kit.i18n import N_


class Level(StrEnum):
    """Seven steps, each with a shape and a word, so that nothing rests on colour alone. Only danger is red."""

    DANGER_LOW = "danger_low"
    VERY_LOW = "very_low"
    LOW = "low"
    OK = "ok"
    HIGH = "high"
    VERY_HIGH = "very_high"
    DANGER_HIGH = "danger_high"

    @property
    def severity(self) -> int:
        """0 in range, 1 a little off, 2 far off, 3 danger."""
        return _SEVERITY[self]

    @property
    def is_danger(self) -> bool:
        return self.severity == 3

    @property
    def shape(self) -> str:
        """● in range, ▲ above, ▼ below."""
        return "●" if self is Level.OK else "▲" if self in _ABOVE else "▼"

    @property
    def word(self) -> str:
        """A message id."""
        return _WORDS[self]

    @property
    def mark(self) -> str:
        """For the macros of pages: low, in, high, danger-low, danger-high."""
        if self.is_danger:
            return self.value.replace("_", "-")
        return "in" if self is Level.OK else "high" if self in _ABOVE else "low"

    @property
    def interpretation(self) -> str:
        """The code in HL7 v3 ObservationInterpretation."""
        return _INTERPRETATION[self]


_SEVERITY = {
    Level.DANGER_LOW: 3,
    Level.VERY_LOW: 2,
    Level.LOW: 1,
    Level.OK: 0,
    Level.HIGH: 1,
    Level.VERY_HIGH: 2,
    Level.DANGER_HIGH: 3,
}
_ABOVE = {Level.HIGH, Level.VERY_HIGH, Level.DANGER_HIGH}
_WORDS = {
    Level.DANGER_LOW: N_("Dangerously low"),
    Level.VERY_LOW: N_("Far below"),
    Level.LOW: N_("Below"),
    Level.OK: N_("In range"),
    Level.HIGH: N_("Above"),
    Level.VERY_HIGH: N_("Far above"),
    Level.DANGER_HIGH: N_("Dangerously high"),
}
_INTERPRETATION = {
    Level.DANGER_LOW: "LL",
    Level.VERY_LOW: "L",
    Level.LOW: "L",
    Level.OK: "N",
    Level.HIGH: "H",
    Level.VERY_HIGH: "H",
    Level.DANGER_HIGH: "HH",
}
