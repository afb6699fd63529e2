"""Where a laboratory's value lies in the range it printed beside it."""

import re
from decimal import Decimal, InvalidOperation
from typing import Literal

_NUMBER = r"-?\d+(?:\.\d+)?"
_RANGE = re.compile(
    rf"^\s*(?:(?P<bound>[<>≤≥]|<=|>=)\s*(?P<only>{_NUMBER})|(?P<low>{_NUMBER})\s*(?:-|–|—|to)\s*(?P<high>{_NUMBER}))"
    r"\s*(?P<unit>[^\d\s].*?)?\s*$"
)


def placed(value: str | None, unit: str | None, printed: str | None) -> Literal["low", "high"] | None:
    """Whether a value lies below or above a printed range; None: within, or nobody can tell.

    Worked: 18 in "30–100" is low; 5.9 in "< 5.7" is high. A titre, a word, a range that names another unit tell nothing.
    """
    found = _RANGE.match(printed or "")
    if found is None or (found["unit"] and found["unit"] != unit):
        return None
    try:
        number = Decimal((value or "").strip())
    except InvalidOperation:
        return None
    low, high = found["low"], found["high"]
    if found["bound"]:
        low, high = (None, found["only"]) if found["bound"][0] in "<≤" else (found["only"], None)
    open_end = found["bound"] in ("<", ">")
    if low is not None and (number < Decimal(low) or (open_end and number == Decimal(low))):
        return "low"
    if high is not None and (number > Decimal(high) or (open_end and number == Decimal(high))):
        return "high"
    return None
