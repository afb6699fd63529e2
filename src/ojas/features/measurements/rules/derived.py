"""Values that follow from others: shown, and never kept as if somebody had measured them."""

from decimal import Decimal

_PLACES = Decimal("0.1")


def body_mass_index(kilograms: Decimal, centimetres: Decimal) -> Decimal:
    """kg/m2. Worked: 70 kg at 175 cm is 70 / 1.75^2 = 22.9."""
    metres = centimetres / 100
    return (kilograms / (metres * metres)).quantize(_PLACES)


def average_glucose(hba1c: Decimal) -> Decimal:
    """The mean glucose in mg/dL that an HbA1c in % stands for: 28.7 x A1C - 46.7 (ADAG, Nathan et al. 2008).

    Worked: 7 % is 154 mg/dL.
    """
    return Decimal("28.7") * hba1c - Decimal("46.7")
