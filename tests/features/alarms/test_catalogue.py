"""The rules there are, as the guide tells them: at what an alarm is raised, at what it ends, and who says so."""

import pytest

from ojas.features.alarms.rules import HABIT, LIVELY, MOST, RULES, Severity, Sort, holds_water
from ojas.features.measurements.kinds import CATALOGUE
from ojas.features.signals.rules import KINDS

LOW, MEDIUM, HIGH, CRITICAL = Severity

LEVELS = {
    "blood_pressure": "danger_low high, danger_high high, very_low medium twice, very_high medium twice",
    "pulse": "danger_low high, danger_high high, very_low high, very_high high",
    "oxygen": "danger_low high, danger_high high, very_low medium twice, very_high medium twice",
    "breathing": "danger_low high, danger_high high",
    "temperature": "danger_low high, danger_high high, very_high medium",
    "glucose": "danger_low critical, danger_high high, low medium, very_low medium, very_high medium twice",
}
MARGINS = {
    "blood_pressure": "5",
    "pulse": "5",
    "oxygen": "1",
    "breathing": "1",
    "temperature": "0.3",
    "glucose": "8",
}
AMOUNTS = {
    "weight_day": ("gain", "1.4", 1, MEDIUM),
    "weight_week": ("gain", "2.3", 7, HIGH),
    "missed_doses": ("missed", "3", 0, MEDIUM),
    "no_readings": ("silence", "3", 0, LOW),
    "device_silent": ("device", "2", 0, LOW),
}
READ = {
    "blood_pressure": ("blood_pressure",),
    "pulse": ("resting_heart_rate", "heart_rate"),
    "oxygen": ("oxygen_saturation",),
    "breathing": ("respiratory_rate",),
    "temperature": ("temperature",),
    "glucose": ("blood_glucose",),
    "weight_day": ("weight",),
    "weight_week": ("weight",),
    "no_readings": ("blood_pressure", "weight", "blood_glucose"),
}
STREAMS = {
    "pulse": {"heart_rate": "heart_rate"},
    "oxygen": {"oxygen_saturation": "oxygen_saturation"},
    "breathing": {"respiratory_rate": "respiratory_rate"},
    "glucose": {"interstitial_glucose": "blood_glucose"},
}


def test_every_rule_raises_and_ends_an_alarm_as_the_guide_says() -> None:
    assert set(RULES) == {*LEVELS, *AMOUNTS}
    assert all(rule.key == key for key, rule in RULES.items())
    assert {key for key, rule in RULES.items() if rule.water} == {"weight_day", "weight_week"}
    for key, told in LEVELS.items():
        rule = RULES[key]
        found = (
            f"{level} {severity}{' twice' * (level in rule.twice)}" for level, severity in rule.levels.items()
        )
        assert sorted(found) == sorted(told.split(", ")), key
        assert (rule.sort, rule.again, str(rule.margin)) == (Sort.VALUES, CRITICAL, MARGINS[key])
    for key, (sort, amount, days, severity) in AMOUNTS.items():
        rule = RULES[key]
        assert (rule.sort, str(rule.amount), rule.days, rule.severity) == (sort, amount, days, severity), key
        assert rule.again is None
        assert not rule.margin


def test_every_rule_looks_at_kinds_and_streams_that_there_are_and_names_its_source() -> None:
    assert {key: rule.kinds for key, rule in RULES.items() if rule.kinds} == READ
    assert {key: rule.streams for key, rule in RULES.items() if rule.streams} == STREAMS
    kinds = {kind for several in READ.values() for kind in several}
    assert kinds.union(*(streams.values() for streams in STREAMS.values())) <= CATALOGUE.keys()
    assert {stream for streams in STREAMS.values() for stream in streams} <= KINDS.keys()
    sources = {key: rule.source for key, rule in RULES.items()}
    assert sources["blood_pressure"] == "ACC/AHA 2025; AHA, AACVPR"
    assert sources["pulse"] == sources["breathing"] == "NEWS2, RCP 2017"
    assert (sources["oxygen"], sources["temperature"], sources["glucose"]) == (
        "WHO 2011", "CDC; RCP 2017", "ADA 2025",
    )  # fmt: skip
    assert {sources[key] for key in AMOUNTS} == {"AHA, AACVPR"}


def test_what_may_be_set_has_a_least_and_a_most() -> None:
    assert {sort: f"{least} to {most}" for sort, (least, most) in MOST.items()} == {
        Sort.GAIN: "0.3 to 20",
        Sort.MISSED: "1 to 20",
        Sort.SILENCE: "1 to 60",
        Sort.DEVICE: "1 to 60",
    }
    for rule in RULES.values():
        if rule.amount is not None:
            least, most = MOST[rule.sort]
            assert least <= rule.amount <= most
    assert (HABIT, LIVELY) == (5, 3), "days of two weeks that make a habit; days a device had sent"


@pytest.mark.parametrize(
    ("code", "name", "holds"),
    [
        ("I50.22", "Herzinsuffizienz", True),
        ("i50.9", "", True),
        ("N18.5", "", True),
        ("N18.2", "", False),
        ("I10", "Congestive heart failure", False),
        ("snomed 84114007", "", True),
        ("snomed 38341003", "", False),
        ("", "Congestive Heart Failure", True),
        ("", "मुझे हार्ट फेल है", True),
        ("", "High blood pressure", False),
    ],
)
def test_a_quick_gain_of_weight_concerns_those_who_hold_water(code: str, name: str, holds: bool) -> None:
    """By its codes, whichever letters they are typed in; only where there are none by its name."""
    system = "http://snomed.info/sct" if code.startswith("snomed") else "http://hl7.org/fhir/sid/icd-10-cm"
    codes = [(system, code.removeprefix("snomed "))] if code else []
    assert holds_water(codes, name) is holds
    assert not holds_water([("https://example.org/codes", "I50.22")], "")


WATER = {
    "heart": "I50 I11.0 I13.0 I13.2 I42.0 I25.5 I09.81 I97.130"
    " 84114007 42343007 88805009 446221000 703272007 85898001",
    "kidneys": "N04.9 N17.9 N18.4 N18.5 N18.6 N19 I12.0 Z99.2 46177005 431857002 433146000 42399005 52254009",
    "liver and legs": "R18.8 R60.0 K70.31 K74.60 K76.7 389026000 267038008 271809000 19943007",
}
NOT = "I10 I25.10 I48.0 N18.1 N18.3 N20.0 E66.9 R63.5 K70.0 433144002 431856006 38341003 44054006 0"
NAMES = "Cardiomyopathy, Ascites, Dialysis, OEDEMA of the legs, edema, डायलिसिस, இதய செயலிழப்பு, டயாலிசிஸ்"


def test_each_code_and_name_of_those_who_hold_water_is_known_and_no_other() -> None:
    def holds(code: str) -> bool:
        sct = code.isdecimal()
        return holds_water(
            [("http://snomed.info/sct" if sct else "http://hl7.org/fhir/sid/icd-10", code)], ""
        )

    assert [code for codes in WATER.values() for code in codes.split() if not holds(code)] == []
    assert [code for code in NOT.split() if holds(code)] == []
    assert [name for name in NAMES.split(", ") if not holds_water([], name)] == []
