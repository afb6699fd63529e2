"""Apple's words: units and the strings that carry a device."""

import re

from ojas.features.connections.rules import Source

UNITS = {
    "%": "%",
    "count": "1",
    "count/min": "/min",
    "count/s": "/s",
    "mmHg": "mm[Hg]",
    "kPa": "kPa",
    "cmAq": "cm[H2O]",
    "degC": "Cel",
    "degF": "[degF]",
    "K": "K",
    "kcal": "kcal",
    "Cal": "kcal",
    "cal": "cal",
    "kJ": "kJ",
    "J": "J",
    "km": "km",
    "m": "m",
    "cm": "cm",
    "mm": "mm",
    "mi": "[mi_i]",
    "yd": "[yd_i]",
    "ft": "[ft_i]",
    "in": "[in_i]",
    "kg": "kg",
    "g": "g",
    "mg": "mg",
    "mcg": "ug",
    "lb": "[lb_av]",
    "oz": "[oz_av]",
    "st": "[stone_av]",
    "L": "L",
    "mL": "mL",
    "fl_oz_us": "[foz_us]",
    "fl_oz_imp": "[foz_br]",
    "cup_us": "[cup_us]",
    "pt_us": "[pt_us]",
    "s": "s",
    "ms": "ms",
    "min": "min",
    "hr": "h",
    "d": "d",
    "m/s": "m/s",
    "km/hr": "km/h",
    "mi/hr": "[mi_i]/h",
    "ft/s": "[ft_i]/s",
    "cm/s": "cm/s",
    "W": "W",
    "mg/dL": "mg/dL",
    "mL/min·kg": "mL/min/kg",
    "mL/kg·min": "mL/min/kg",
    "L/min": "L/min",
    "kcal/hr·kg": "kcal/kg/h",
    "kcal/kg·hr": "kcal/kg/h",
    "dBASPL": "dB[SPL]",
    "dBHL": "dB",
    "IU": "[iU]",
    "mcS": "uS",
    "Hz": "Hz",
    "lx": "lx",
    "appleEffortScore": "{score}",
}

# Apple writes moles with the molar mass they were converted by: mmol<180.1558800000541>/L.
_MOLAR = re.compile(r"(m|u|)mol<[\d.]+>/L")

_ADDRESS = re.compile(r"<<HKDevice: 0x[0-9a-f]+>[>,]?\s*")
_PARTS = re.compile(r"\b(name|manufacturer|model|hardware|software):((?:(?!, \w+:).)*)")


_COUNTED = {"BodyMassIndex": "kg/m2", "NumberOfTimesFallen": "{falls}"}
"""What Apple calls a count and is none, or one of something."""


def ucum(unit: str, type_: str = "") -> str | None:
    """UCUM for a unit of Apple's, none where it is not known. A ratio and a percent are both ``%`` there."""
    if unit == "count" and type_ in _COUNTED:
        return _COUNTED[type_]
    known = UNITS.get(unit)
    if known is None and (match := _MOLAR.fullmatch(unit)):
        return f"{match[1]}mol/L"
    return known


def steady(device: str) -> str:
    """The device without the address of an object in memory, which is another one in every export."""
    return device[device.find(">") + 1 :] if device.startswith("<<") else device


def source(name: str, device: str) -> Source:
    parts = {key: text.strip().removesuffix(">") for key, text in _PARTS.findall(_ADDRESS.sub("", device))}
    return Source(
        name=name,
        device=parts.get("name", ""),
        maker=parts.get("manufacturer", ""),
        model=parts.get("model", ""),
        hardware=parts.get("hardware", ""),
        software=parts.get("software", ""),
    )


def short(type_: str) -> str:
    """``HKQuantityTypeIdentifierHeartRate`` → ``HeartRate``."""
    for prefix in (
        "HKQuantityTypeIdentifier",
        "HKCategoryTypeIdentifier",
        "HKDataType",
        "HKWorkoutActivityType",
    ):
        if type_.startswith(prefix):
            return type_[len(prefix) :]
    return type_
