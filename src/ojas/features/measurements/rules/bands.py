"""Bands: where a value lies, in plain words, after a guideline with its year. For the eye, never a diagnosis."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from ojas.features.measurements.rules.level import Level
from ojas.kit.i18n import N_


class Meal(StrEnum):
    """What was eaten before a glucose reading."""

    FASTING = "fasting"
    BEFORE_MEAL = "before_meal"
    AFTER_MEAL = "after_meal"
    BEDTIME = "bedtime"
    RANDOM = "random"


@dataclass(frozen=True, slots=True)
class Context:
    """Whose value it is. What is not known (None) counts as an adult's, and as neither sex's in particular.

    ``age`` in full years on the day of the reading; ``asian_indian`` is the person's own choice.
    """

    age: int | None = None
    sex: str | None = None
    pregnant: bool = False
    asian_indian: bool = False
    meal: Meal | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """From ``low`` up to ``high`` (None: no end), in the canonical unit.

    ``reaches_high``: whether ``high`` itself still belongs here; if not, it begins the next band.
    """

    name: str
    level: Level
    low: Decimal | None = None
    high: Decimal | None = None
    reaches_high: bool = False

    def holds(self, value: Decimal) -> bool:
        """Whether the value does not lie beyond this band: asked from below, the first that holds it is its own."""
        return self.high is None or value < self.high or (self.reaches_high and value == self.high)


Ladder = tuple[Band, ...]


def below(limit: str, level: Level, name: str) -> Band:
    return Band(name, level, high=Decimal(limit))


def upto(limit: str, level: Level, name: str) -> Band:
    return Band(name, level, high=Decimal(limit), reaches_high=True)


def rest(level: Level, name: str) -> Band:
    return Band(name, level)


def ladder(*bands: Band) -> Ladder:
    """Bands from the lowest to the highest; each begins where the one before it ends."""
    starts = (None, *(band.high for band in bands))
    return tuple(replace(band, low=low) for band, low in zip(bands, starts, strict=False))


@dataclass(frozen=True, slots=True)
class For:
    """Whom a guideline is for. A guideline that is ``chosen`` applies only where somebody chose it."""

    min_age: int = 0
    sex: str | None = None
    pregnant: bool | None = None
    asian_indian: bool | None = None
    meals: frozenset[Meal | None] | None = None
    chosen: bool = False

    def fits(self, context: Context) -> bool:
        return (
            (context.age is None or context.age >= self.min_age)
            and (self.sex is None or self.sex == context.sex)
            and (self.pregnant is None or self.pregnant == context.pregnant)
            and (self.asian_indian is None or self.asian_indian == context.asian_indian)
            and (self.meals is None or context.meal in self.meals)
            and not self.chosen
        )


@dataclass(frozen=True, slots=True)
class Guideline:
    """One published set of bands, for each part of a kind it speaks of.

    ``key`` is stable; ``name`` and ``year`` are how it is cited, ``source`` where it stands; ``variant`` (message id)
    says for whom or when, where its author has several.
    """

    key: str
    name: str
    year: int
    source: str
    ladders: Mapping[str, Ladder]
    people: For = field(default_factory=For)
    variant: str = ""

    def order(self, name: str) -> int:
        """How high a band stands, over all parts: the longest ladder names every step."""
        steps = [band.name for band in max(self.ladders.values(), key=len)]
        return steps.index(name) if name in steps else -1


@dataclass(frozen=True, slots=True)
class Limits:
    """A care team's own limits for one part, in the canonical unit. None: no limit on that side."""

    low: Decimal | None = None
    high: Decimal | None = None
    danger_low: Decimal | None = None
    danger_high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """What a care team set for one person and one kind: another guideline by its key, or limits of their own."""

    guideline: str | None = None
    limits: Mapping[str, Limits] = field(default_factory=dict)
    year: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """Where a value lies: the band, after which guideline, and which part decided."""

    band: Band
    guideline: Guideline
    part: str

    @property
    def level(self) -> Level:
        return self.band.level


CARE_TEAM = "care-team"


def chosen(
    guidelines: Iterable[Guideline], context: Context, override: Override | None = None
) -> Guideline | None:
    """The guideline for this person: the care team's limits, the one they chose, else the first that fits."""
    known = tuple(guidelines)
    published = next((each for each in known if each.people.fits(context)), None)
    if override and override.guideline:
        published = next((each for each in known if each.key == override.guideline), published)
    if override and override.limits:
        return _of_care_team(override, published)
    return published


_CHILD_PRESSURE = N_(
    "Under 18 what is usual depends on age and height, so no band is shown. Ask the doctor what is right for this child."
)
_CHILD = N_("The bands are for adults, so none is shown. Ask the doctor what is right for this child.")
_SEX = N_("What is usual differs between women and men, and the profile does not say which applies.")


def unfit(guidelines: Iterable[Guideline], context: Context) -> str | None:
    """Why none of the guidelines is for this person, as a message; None where one is, or where there are none to fit."""
    known = [each for each in guidelines if not each.people.chosen]
    if not known or any(each.people.fits(context) for each in known):
        return None
    if any(each.people.fits(replace(context, age=None)) for each in known):
        # Percentiles by age, sex and height: AAP 2017, doi.org/10.1542/peds.2017-1904. A height of today is seldom known.
        return _CHILD_PRESSURE if "systolic" in known[0].ladders else _CHILD
    by_sex = (replace(context, sex=sex) for sex in ("female", "male"))
    return _SEX if any(each.people.fits(one) for one in by_sex for each in known) else None


def classify(guideline: Guideline, values: Mapping[str, Decimal]) -> Finding | None:
    """The band of a reading. Of several parts the one further off decides; of two alike, the higher band."""
    found = [
        Finding(band_of(guideline.ladders[part], value), guideline, part)
        for part, value in values.items()
        if part in guideline.ladders
    ]
    return max(found, key=lambda each: _weight(guideline, each), default=None)


def band_of(bands: Ladder, value: Decimal) -> Band:
    return next(band for band in bands if band.holds(value))


def _weight(guideline: Guideline, finding: Finding) -> tuple[int, bool, int]:
    own = guideline.key == CARE_TEAM and finding.band.name in _OWN
    return finding.level.severity, own, guideline.order(finding.band.name)


def _of_care_team(override: Override, published: Guideline | None) -> Guideline:
    """Their limits; for a part they said nothing of, what is published."""
    ladders = dict(published.ladders) if published else {}
    ladders |= {part: _ladder_of(limits) for part, limits in override.limits.items()}
    return Guideline(CARE_TEAM, N_("Your care team"), override.year, "", ladders)


_DANGER_LOW, _LOW, _OK = N_("Dangerously low for you"), N_("Below your range"), N_("In your range")
_HIGH, _DANGER_HIGH = N_("Above your range"), N_("Dangerously high for you")
_OWN = {_DANGER_LOW, _LOW, _OK, _HIGH, _DANGER_HIGH}


def _ladder_of(limits: Limits) -> Ladder:
    steps: list[Band] = []
    if limits.danger_low is not None:
        steps.append(Band(_DANGER_LOW, Level.DANGER_LOW, high=limits.danger_low))
    if limits.low is not None:
        steps.append(Band(_LOW, Level.LOW, high=limits.low))
    steps.append(Band(_OK, Level.OK, high=limits.high, reaches_high=True))
    if limits.high is not None:
        steps.append(Band(_HIGH, Level.HIGH, high=limits.danger_high))
    if limits.danger_high is not None:
        if limits.high is None:
            steps[-1] = replace(steps[-1], high=limits.danger_high, reaches_high=False)
        steps.append(Band(_DANGER_HIGH, Level.DANGER_HIGH))
    return ladder(*steps)
