"""What holds of every feature's rules: values do not change, and what is kept or sent by a name keeps it."""

from dataclasses import is_dataclass
from enum import Enum
from importlib import import_module
from inspect import isclass
from pathlib import Path
from typing import Any

import pytest

FEATURES = Path(__file__).parents[2] / "src" / "ojas" / "features"
NAMES = """
alarms.rules.alarm.Change: raised returned worsened eased confirmed told acknowledged snoozed woke resolved
alarms.rules.alarm.Why: back corrected old by_hand off
alarms.rules.catalogue.Sort: values gain missed silence device
alarms.rules.severity.Severity: low medium high critical
calendar.rules.rule.Freq: HOURLY DAILY WEEKLY MONTHLY YEARLY
calendar.rules.terms.Privacy: private shared clinical
calendar.rules.terms.Status: pending confirmed completed cancelled no_show
calendar.rules.terms.Reach: this following all
calendar.rules.terms.CareType: consultation follow_up procedure test emergency
calendar.rules.terms.Visit: in_person virtual phone
calendar.rules.terms.Detail: full busy
emergency.rules.card.Part: name age blood allergies conditions medicines implants notes contacts languages donor
emergency.rules.terms.Kind: medical fall panic custom
emergency.rules.terms.Method: phone sms email
emergency.rules.terms.Answer: coming cannot
emergency.rules.terms.Outcome: helped false_alarm lapsed
emergency.rules.terms.State: calling coming nobody ended
identity.rules.Role: patient doctor therapist admin
identity.rules.Purpose: verify reset change-email second-factor passkey passkey-proof passkey-enrolment
identity.rules.Kind: browser remembered token
measurements.rules.bands.Meal: fasting before_meal after_meal bedtime random
measurements.rules.kind.Family: heart weight glucose blood breath movement sleep mind
measurements.rules.kind.Entry: person clinician device
measurements.rules.kind.Category: vital-signs laboratory activity survey exam
measurements.rules.level.Level: danger_low very_low low ok high very_high danger_high
measurements.rules.vocabulary.Status: preliminary final corrected entered-in-error
measurements.rules.vocabulary.Method: device manual self-report laboratory
measurements.rules.vocabulary.Position: sitting standing lying
measurements.rules.vocabulary.Specimen: capillary interstitial blood serum
medications.rules.dosage.prescribed.Assumed: times days start range
medications.rules.doses.State: upcoming due snoozed taken late skipped missed
medications.rules.doses.Action: take skip snooze undo
medications.rules.doses.Reason: side_effects unwell not_needed run_out not_at_hand told_to in_hospital other
medications.rules.patterns.Weekday: mon tue wed thu fri sat sun
medications.rules.safety.Severity: minor moderate major forbidden
medications.rules.substances.Tie: same family near
medications.rules.words.Form: tablet capsule liquid drops inhaler injection patch cream suppository powder other
medications.rules.words.Route: oral sublingual inhaled injected skin eye ear nose rectal other
medications.rules.words.Status: active paused discontinued completed
notifications.rules.delivery.State: waiting handed refused dead hushed
notifications.rules.ladder.Audience: person caregivers care_team contacts
notifications.rules.reach.AddressKind: browser phone webhook
notifications.rules.routing.Urgency: 1 2 3 4 5
notifications.rules.routing.Topic: medication appointment health system emergency
notifications.rules.routing.Channel: in_app push email sms call webhook
notifications.rules.routing.Hold: quiet digest
record.rules.terms.ConditionStatus: active managed controlled recurrence inactive remission resolved
record.rules.terms.Verification: confirmed provisional differential unconfirmed refuted entered-in-error
record.rules.terms.Severity: mild moderate severe
record.rules.terms.AllergyStatus: active inactive resolved
record.rules.terms.Kind: allergy intolerance
record.rules.terms.Category: food medication environment biologic
record.rules.terms.Criticality: low high unable-to-assess
record.rules.terms.EventStatus: planned underway done stopped not-done entered-in-error unknown
record.rules.terms.ResultStatus: registered partial preliminary final amended corrected appended cancelled
record.rules.terms.ResultStatus: entered-in-error unknown
record.rules.terms.Setting: clinic hospital emergency home online other
sharing.rules.Kind: share caregiver care_team guardian break_glass link
sharing.rules.Purpose: TREAT FAMRQT SUPNWK PATRQT BTG
sharing.rules.Processing: location
signals.rules.intake.Reason: 0 1 2 3 4 5 6 7 8 9 10 11 12
signals.rules.kinds.Shape: instant interval stage
signals.rules.kinds.Rule: mean sum duration
signals.rules.kinds.Span: day month
signals.rules.kinds.Stage: in_bed awake asleep light rem deep
signals.rules.kinds.Context: plain resting active workout sleeping
signals.rules.sources.SourceClass: chest_strap watch band ring sensor phone app other
today.rules.Part: morning afternoon evening
"""
"""In rows of the database, in requests and in files that people took away: a name may be added, none may go."""


def modules() -> list[str]:
    paths = [*FEATURES.glob("*/rules.py"), *FEATURES.glob("*/rules/**/*.py")]
    return sorted(".".join(path.relative_to(FEATURES).with_suffix("").parts) for path in paths)


def values(module: str) -> list[Any]:
    """The classes of values that a module has."""
    found = import_module(f"ojas.features.{module}".removesuffix(".__init__"))
    own = [one for one in vars(found).values() if isclass(one) and one.__module__ == found.__name__]
    return [one for one in own if is_dataclass(one)]


@pytest.mark.parametrize("module", modules())
def test_a_value_is_never_changed_and_takes_no_more_room_than_it_needs(module: str) -> None:
    for value in values(module):
        gathers = {"add", "take"} & vars(value).keys()
        assert value.__dataclass_params__.frozen or gathers, value
        assert value.__dictoffset__ == 0, f"{value} has a dictionary beside its slots"


def test_there_are_values_to_look_at() -> None:
    assert sum(len(values(module)) for module in modules()) > 100


@pytest.mark.parametrize("line", NAMES.strip().splitlines(), ids=lambda line: line.partition(":")[0])
def test_what_is_kept_by_a_name_keeps_it(line: str) -> None:
    place, _, names = line.partition(": ")
    module, _, enumeration = place.rpartition(".")
    known: type[Enum] = getattr(import_module(f"ojas.features.{module}"), enumeration)
    assert set(names.split()) <= {str(one.value) for one in known}
