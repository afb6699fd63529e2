"""The words a reading is described with."""

from enum import StrEnum


class Status(StrEnum):
    """How final a reading is, by FHIR's codes."""

    PRELIMINARY = "preliminary"
    FINAL = "final"
    CORRECTED = "corrected"
    ENTERED_IN_ERROR = "entered-in-error"


class Method(StrEnum):
    """How it was come by. Bands for home and clinic differ, and trust does."""

    DEVICE = "device"
    MANUAL = "manual"
    SELF_REPORT = "self-report"
    LABORATORY = "laboratory"


class Position(StrEnum):
    """How the body was held: a pressure lying is not one standing."""

    SITTING = "sitting"
    STANDING = "standing"
    LYING = "lying"


class Specimen(StrEnum):
    """What was measured in."""

    CAPILLARY = "capillary"
    INTERSTITIAL = "interstitial"
    BLOOD = "blood"
    SERUM = "serum"
