"""What to look at before a medicine is added: the same ingredient twice, allergies, interactions.

Each of the three says what it compared, or why it could not. Nothing here ever says that a medicine is safe: without a list
of interactions the answer is "not checked", and what was found is for a pharmacist.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ojas.features.medications.rules.families import SYNONYMS
from ojas.features.medications.rules.substances import Kinship, Tie, kinship, known, name
from ojas.kit.i18n import N_


class Why(StrEnum):
    """Why nothing was compared."""

    NO_LIST = "no_list"
    NO_INGREDIENTS = "no_ingredients"
    NO_ALLERGIES = "no_allergies"
    NONE_KNOWN = "none_known"
    NOT_SHARED = "not_shared"


WHY = {
    Why.NO_LIST: N_("Interactions were not checked: no list of interactions is installed."),
    Why.NO_INGREDIENTS: N_("Not compared: what is in this medicine is not known."),
    Why.NO_ALLERGIES: N_("No allergies are recorded, so there was nothing to compare with."),
    Why.NONE_KNOWN: N_("By the record no allergies are known, so there was nothing to compare with."),
    Why.NOT_SHARED: N_("Allergies were not compared: the record they stand in is not shared with you."),
}


class Severity(StrEnum):
    """From the mildest."""

    MINOR = "minor"
    MODERATE = "moderate"
    MAJOR = "major"
    FORBIDDEN = "forbidden"


SEVERITIES = {
    Severity.MINOR: N_("Minor"),
    Severity.MODERATE: N_("Moderate"),
    Severity.MAJOR: N_("Serious"),
    Severity.FORBIDDEN: N_("Never together"),
}


@dataclass(frozen=True, slots=True)
class Interaction:
    """What two ingredients do together, in the words of the table's source."""

    severity: Severity
    effect: str
    cite: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A published list of interactions, with its source and version; of its pairs, by names as ``name`` writes them, at least
    those that are asked for."""

    source: str = ""
    version: str = ""
    pairs: Mapping[frozenset[str], Interaction] = field(default_factory=dict)


NO_TABLE = Table()
"""What Ojas comes with: no list that may be shipped is good enough to be relied on."""


@dataclass(frozen=True, slots=True)
class Medicine:
    label: str
    ingredients: frozenset[str]
    """Names of active ingredients, as they are written; empty: not known."""


@dataclass(frozen=True, slots=True)
class Allergy:
    """``substances`` are its names, and what its codes stand for; ``severe``: it could be life-threatening."""

    label: str
    substances: frozenset[str]
    severe: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: which ingredient, with which medicine or allergy of the person's, and what it does.

    ``kinship`` says how near ingredient and allergy are.
    """

    ingredient: str
    label: str
    other: str
    interaction: Interaction | None = None
    kinship: Kinship | None = None
    severe: bool = False


@dataclass(frozen=True, slots=True)
class Looked:
    """What was compared, and found.

    ``unknown`` are medicines whose ingredients nobody knows; ``by_name`` allergies of which no kin is known, so that only the
    words were compared.
    """

    found: tuple[Finding, ...]
    source: str = ""
    version: str = ""
    unknown: tuple[str, ...] = ()
    by_name: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotChecked:
    why: Why


Outcome = Looked | NotChecked


@dataclass(frozen=True, slots=True)
class Safety:
    duplicates: Outcome
    allergies: Outcome
    interactions: Outcome


def check(
    new: Medicine,
    current: Iterable[Medicine],
    allergies: Iterable[Allergy],
    table: Table = NO_TABLE,
    *,
    no_allergies: bool = False,
) -> Safety:
    """What speaks against adding ``new`` to the ``current`` medicines; ``no_allergies``: the person said so."""
    others = tuple(current)
    return Safety(
        _duplicates(new, others), _allergies(new, tuple(allergies), no_allergies), _table(new, others, table)
    )


def _duplicates(new: Medicine, others: tuple[Medicine, ...]) -> Outcome:
    """By ingredient; where those are not known, by name: the same package may have been entered twice."""
    same = [
        Finding(new.label, other.label, other.label)
        for other in others
        if not (new.ingredients and other.ingredients) and name(new.label) == name(other.label)
    ]
    if not new.ingredients:
        return Looked(tuple(same), unknown=(new.label,)) if same else NotChecked(Why.NO_INGREDIENTS)
    found = same + [
        Finding(mine, other.label, theirs)
        for other in others
        for mine in sorted(new.ingredients)
        for theirs in sorted(other.ingredients)
        if alike(mine, theirs)
    ]
    return Looked(tuple(found), unknown=_unknown(others))


def _allergies(new: Medicine, allergies: tuple[Allergy, ...], none: bool) -> Outcome:
    if not allergies:
        return NotChecked(Why.NONE_KNOWN if none else Why.NO_ALLERGIES)
    if not new.ingredients:
        return NotChecked(Why.NO_INGREDIENTS)
    found = [
        one for allergy in allergies for mine in sorted(new.ingredients) if (one := _touched(mine, allergy))
    ]
    by_name = [one.label for one in allergies if not any(known(text) for text in one.substances)]
    return Looked(tuple(sorted(found, key=_nearest)), by_name=tuple(by_name))


def _touched(ingredient: str, allergy: Allergy) -> Finding | None:
    """The nearest tie of an ingredient and an allergy."""
    ties = [
        Finding(ingredient, allergy.label, substance, kinship=tie, severe=allergy.severe)
        for substance in sorted(allergy.substances)
        if (tie := kinship(ingredient, substance))
    ]
    return min(ties, key=_nearest, default=None)


def _nearest(one: Finding) -> int:
    return list(Tie).index(one.kinship.tie) if one.kinship else 0


def _table(new: Medicine, others: tuple[Medicine, ...], table: Table) -> Outcome:
    if not _is_list(table):
        return NotChecked(Why.NO_LIST)
    if not new.ingredients:
        return NotChecked(Why.NO_INGREDIENTS)
    found = [
        Finding(mine, other.label, theirs, interaction)
        for other in others
        for mine in sorted(new.ingredients)
        for theirs in sorted(other.ingredients)
        for pair in {frozenset((a, b)) for a in forms(mine) for b in forms(theirs)}
        if (interaction := table.pairs.get(pair))
    ]
    worst = sorted(found, key=_worst)
    return Looked(tuple(worst), table.source, table.version, _unknown(others))


def _worst(one: Finding) -> int:
    return -list(Severity).index(one.interaction.severity) if one.interaction else 0


def _is_list(table: Table) -> bool:
    return bool(table.source and table.version)


def _unknown(others: tuple[Medicine, ...]) -> tuple[str, ...]:
    return tuple(other.label for other in others if not other.ingredients)


def alike(one: str, other: str) -> bool:
    """Whether two names may mean one substance: all words of the shorter stand in the longer one, by whichever name it goes.

    "amoxicillin" and "Amoxicillin trihydrate", "acetaminophen" and "Paracetamol".
    """
    found = kinship(one, other)
    return found is not None and found.tie is Tie.SAME


def forms(text: str) -> frozenset[str]:
    """What a table may call a substance: each run of its words. "metoprolol succinate" is "metoprolol" too."""
    words = name(text).split()[:8]
    runs = {" ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1)}
    usual = {SYNONYMS.get(run, run) for run in runs}
    return frozenset(runs | usual | {other for other, its in SYNONYMS.items() if its in usual})
