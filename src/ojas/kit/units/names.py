"""How units are written for people, and how people and vendors write them."""

import re
from functools import lru_cache

from ojas.kit.units.conversion import is_ucum

_SYMBOLS = {
    "mm[Hg]": "mmHg",
    "Cel": "°C",
    "[degF]": "°F",
    "[lb_av]": "lb",
    "[oz_av]": "oz",
    "[stone_av]": "st",
    "[in_i]": "in",
    "[ft_i]": "ft",
    "[yd_i]": "yd",
    "[mi_i]": "mi",
    "[foz_us]": "fl oz",
    "[foz_br]": "fl oz (UK)",
    "[cup_us]": "cup",
    "[Cal]": "kcal",
    "1": "",
    "10*": "10",
}
_DIGITS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_ANNOTATION = re.compile(r"\{([^}]*)\}")
_TEN = re.compile(r"10[*^](-?\d+)")
_POWER = re.compile(r"(?<=[a-zA-Z])(-?\d+)")

# As written by Apple Health, Health Connect, Fitbit, laboratories and people; without case and blanks.
_WRITTEN = {
    "mmhg": "mm[Hg]",
    "torr": "mm[Hg]",
    "bpm": "/min",
    "beats/min": "/min",
    "beatsperminute": "/min",
    "count/min": "/min",
    "breaths/min": "/min",
    "brpm": "/min",
    "1/min": "/min",
    "count/s": "/s",
    "°c": "Cel",
    "degc": "Cel",
    "c": "Cel",
    "celsius": "Cel",
    "°f": "[degF]",
    "degf": "[degF]",
    "f": "[degF]",
    "fahrenheit": "[degF]",
    "lb": "[lb_av]",
    "lbs": "[lb_av]",
    "pound": "[lb_av]",
    "pounds": "[lb_av]",
    "oz": "[oz_av]",
    "st": "[stone_av]",
    "stone": "[stone_av]",
    "in": "[in_i]",
    "inch": "[in_i]",
    "inches": "[in_i]",
    "ft": "[ft_i]",
    "feet": "[ft_i]",
    "yd": "[yd_i]",
    "mi": "[mi_i]",
    "mile": "[mi_i]",
    "miles": "[mi_i]",
    "fl_oz_us": "[foz_us]",
    "fl_oz_imp": "[foz_br]",
    "floz": "[foz_us]",
    "cup_us": "[cup_us]",
    "kg/m²": "kg/m2",
    "kg/m^2": "kg/m2",
    "kgs": "kg",
    "kilogram": "kg",
    "kilograms": "kg",
    "gram": "g",
    "grams": "g",
    "metre": "m",
    "meter": "m",
    "meters": "m",
    "percent": "%",
    "count": "1",
    "steps": "{steps}",
    "ml/min/kg": "mL/min/kg",
    "ml/kg/min": "mL/min/kg",
    "ml/min·kg": "mL/min/kg",
    "ml/kg·min": "mL/min/kg",
    "ml/(kg*min)": "mL/min/kg",
    "ml/kg.min": "mL/min/kg",
    "mg/dl": "mg/dL",
    "mmol/l": "mmol/L",
    "g/dl": "g/dL",
    "pg/ml": "pg/mL",
    "ng/ml": "ng/mL",
    "ng/l": "ng/L",
    "µmol/l": "umol/L",
    "μmol/l": "umol/L",
    "ml": "mL",
    "l": "L",
    "litre": "L",
    "liter": "L",
    "litres": "L",
    "cal": "kcal",  # Apple and food labels mean the large calorie
    "calories": "kcal",
    "sec": "s",
    "msec": "ms",
    "hr": "h",
    "hrs": "h",
    "hour": "h",
    "hours": "h",
    "minute": "min",
    "minutes": "min",
    "mins": "min",
    "days": "d",
}
_EVERYDAY = {"Cal", "cal", "C", "F", "ft", "st", "yd"}
"""Written so, people mean a large calorie, a degree, a foot, a stone, a yard; UCUM would read a small
calorie, a coulomb, a farad, a femtotonne, a stere or a yoctoday."""


def symbol(code: str) -> str:
    """``code`` as print has it: mm[Hg] is mmHg, 10*3/uL is 10³/µL, {steps} is steps. Not translated."""
    if code in _SYMBOLS:
        return _SYMBOLS[code]
    if code.startswith("{") and code.endswith("}"):
        return code[1:-1]
    bare = _ANNOTATION.sub("", code)
    bare = _TEN.sub(lambda found: "10" + found[1].translate(_DIGITS), bare)
    parts = re.split(r"([./])", bare)
    return "".join(_part(part) for part in parts)


def _part(part: str) -> str:
    if part == ".":
        return "·"
    part = _SYMBOLS.get(part, part)
    if part.startswith("u") and len(part) > 1:
        part = "µ" + part[1:]
    return _POWER.sub(lambda found: found[1].translate(_DIGITS), part).replace("[", "").replace("]", "")


@lru_cache(1024)
def recognise(text: str) -> str | None:
    """The UCUM code of a unit as people or vendors write it ("bpm", "°F", "mmol<180.15>/L"), or None."""
    text = re.sub(r"<[\d.]+>", "", text.strip())  # HealthKit tells the molar mass inside the unit
    written = _WRITTEN.get(text.casefold().replace(" ", ""))
    if written and (text in _EVERYDAY or not is_ucum(text)):
        return written
    if is_ucum(text):
        return text
    return written
