"""The codes of every day, so that no page waits for the grammar. A test holds them against it."""

from fractions import Fraction

from ojas.kit.units.unit import Dimension, Unit

NUMBER: Dimension = ()
LENGTH: Dimension = (("m", 1),)
AREA: Dimension = (("m", 2),)
VOLUME: Dimension = (("m", 3),)
MASS: Dimension = (("g", 1),)
TIME: Dimension = (("s", 1),)
RATE: Dimension = (("s", -1),)
SPEED: Dimension = (("m", 1), ("s", -1))
PRESSURE: Dimension = (("g", 1), ("m", -1), ("s", -2))
ENERGY: Dimension = (("g", 1), ("m", 2), ("s", -2))
POWER: Dimension = (("g", 1), ("m", 2), ("s", -3))
TEMPERATURE: Dimension = (("K", 1),)
DENSITY: Dimension = (("g", 1), ("m", -3))
AREA_DENSITY: Dimension = (("g", 1), ("m", -2))
NUMBER_DENSITY: Dimension = (("m", -3),)
OXYGEN_UPTAKE: Dimension = (("g", -1), ("m", 3), ("s", -1))

_MOLE = "602214076000000000000000"  # UCUM: mol = 6.02214076 x 10*23, exactly


def _rows(dimension: Dimension, rows: dict[str, str]) -> dict[str, Unit]:
    return {code: Unit(Fraction(factor), dimension) for code, factor in rows.items()}


COMMON: dict[str, Unit] = {
    **_rows(NUMBER, {"1": "1", "%": "1/100", "10*": "10", "mol": _MOLE, "mmol/mol": "1/1000"}),
    **_rows(NUMBER, dict.fromkeys(("{steps}", "{beats}", "{flights}", "{score}", "{INR}", "{count}"), "1")),
    **_rows(LENGTH, {"m": "1", "km": "1000", "cm": "1/100", "mm": "1/1000", "um": "1/1000000"}),
    **_rows(LENGTH, {"[in_i]": "0.0254", "[ft_i]": "0.3048", "[yd_i]": "0.9144", "[mi_i]": "1609.344"}),
    **_rows(VOLUME, {"L": "1/1000", "l": "1/1000", "dL": "1/10000", "mL": "1/1000000", "ml": "1/1000000"}),
    **_rows(VOLUME, {"[foz_us]": "0.0000295735295625", "[cup_us]": "0.0002365882365"}),
    **_rows(VOLUME, {"[foz_br]": "0.0000284130625"}),
    **_rows(MASS, {"g": "1", "kg": "1000", "mg": "1/1000", "ug": "1/1000000", "t": "1000000"}),
    **_rows(MASS, {"[lb_av]": "453.59237", "[oz_av]": "28.349523125", "[stone_av]": "6350.29318"}),
    **_rows(TIME, {"s": "1", "ms": "1/1000", "min": "60", "h": "3600", "d": "86400", "wk": "604800"}),
    **_rows(RATE, {"/min": "1/60", "{beats}/min": "1/60", "{breaths}/min": "1/60", "1/min": "1/60"}),
    **_rows(RATE, {"Hz": "1", "/s": "1", "/h": "1/3600", "/d": "1/86400", "{steps}/min": "1/60"}),
    **_rows(SPEED, {"m/s": "1", "km/h": "5/18", "[mi_i]/h": "0.44704"}),
    # UCUM has the metre of mercury at 133.322 kPa, 3 parts in a million below the conventional 133.322387415.
    **_rows(
        PRESSURE, {"mm[Hg]": "133322", "Pa": "1000", "kPa": "1000000", "hPa": "100000", "bar": "100000000"}
    ),
    **_rows(ENERGY, {"J": "1000", "kJ": "1000000", "cal": "4184", "kcal": "4184000", "[Cal]": "4184000"}),
    **_rows(POWER, {"W": "1000", "kW": "1000000"}),
    **_rows(DENSITY, {"mg/dL": "10", "g/L": "1000", "g/dL": "10000", "mg/L": "1", "ug/L": "1/1000"}),
    **_rows(DENSITY, {"ng/mL": "1/1000", "pg/mL": "1/1000000", "ng/L": "1/1000000", "ug/dL": "1/100"}),
    **_rows(AREA_DENSITY, {"kg/m2": "1000"}),
    **_rows(NUMBER_DENSITY, {"mmol/L": _MOLE, "umol/L": _MOLE[:-3], "mol/L": _MOLE + "000", "/L": "1000"}),
    **_rows(OXYGEN_UPTAKE, {"mL/min/kg": "1/60000000000", "mL/kg/min": "1/60000000000"}),
    "K": Unit(Fraction(1), TEMPERATURE),
    "Cel": Unit(Fraction(1), TEMPERATURE, zero=Fraction("273.15")),
    "[degF]": Unit(Fraction(5, 9), TEMPERATURE, zero=Fraction("459.67") * Fraction(5, 9)),
}
