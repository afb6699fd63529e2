"""What to look at before a medicine is added: the same ingredient twice, allergies, interactions.

Each of the three says what it compared, or why it could not. Nothing here ever says that a medicine is safe: without a list
of interactions the answer is "not checked", and what was found is for a pharmacist.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ojas.kit.i18n import N_

NO_LIST = N_("Interactions were not checked: no list of interactions is installed.")
NO_INGREDIENTS = N_("Not checked: the active ingredients of this medicine are not known.")
NO_ALLERGIES = N_("Allergies were not checked: none are recorded, and nobody said that there are none.")
ASK = N_("Ask a pharmacist or your doctor.")


class Severity(StrEnum):
    MINOR = "minor"
    MODERATE = "moderate"
    MAJOR = "major"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True)
class Interaction:
    """What two ingredients do together, in the words of the table's source."""

    severity: Severity
    effect: str
    cite: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A published list of interactions, by pairs of ingredients as ``name`` writes them, with its source and version."""

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
    label: str
    substances: frozenset[str]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: which ingredient, with which medicine or allergy of the person's, and what it does."""

    ingredient: str
    label: str
    other: str
    interaction: Interaction | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """What was compared, and found; ``unknown`` are medicines whose ingredients nobody knows."""

    found: tuple[Finding, ...]
    source: str = ""
    version: str = ""
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotChecked:
    """Why nothing was compared: a message of the catalogue."""

    why: str


Outcome = Looked | NotChecked


@dataclass(frozen=True, slots=True)
class Safety:
    duplicates: Outcome
    allergies: Outcome
    interactions: Outcome

    @property
    def clear(self) -> bool:
        """Whether all three were looked at, with nothing unknown and nothing found."""
        parts = (self.duplicates, self.allergies, self.interactions)
        return all(isinstance(one, Looked) and not one.found and not one.unknown for one in parts)


def check(
    new: Medicine,
    current: Iterable[Medicine],
    allergies: Iterable[Allergy],
    table: Table = NO_TABLE,
    *,
    no_allergies: bool = False,
) -> Safety:
    """What speaks against adding ``new`` to the ``current`` medicines; ``no_allergies``: the person said so."""
    if not new.ingredients:
        unknown = NotChecked(NO_INGREDIENTS)
        return Safety(unknown, unknown, unknown if table.pairs else NotChecked(NO_LIST))
    others = tuple(current)
    return Safety(
        _duplicates(new, others), _allergies(new, tuple(allergies), no_allergies), _table(new, others, table)
    )


def _duplicates(new: Medicine, others: tuple[Medicine, ...]) -> Outcome:
    found = [
        Finding(mine, other.label, theirs)
        for other in others
        for mine in sorted(new.ingredients)
        for theirs in sorted(other.ingredients)
        if alike(mine, theirs)
    ]
    return Looked(tuple(found), unknown=_unknown(others))


def _allergies(new: Medicine, allergies: tuple[Allergy, ...], none: bool) -> Outcome:
    if not allergies and not none:
        return NotChecked(NO_ALLERGIES)
    found = [
        Finding(mine, allergy.label, substance)
        for allergy in allergies
        for mine in sorted(new.ingredients)
        for substance in sorted(allergy.substances)
        if alike(mine, substance)
    ]
    return Looked(tuple(found))


def _table(new: Medicine, others: tuple[Medicine, ...], table: Table) -> Outcome:
    if not table.pairs or not table.source or not table.version:
        return NotChecked(NO_LIST)
    found = [
        Finding(mine, other.label, theirs, interaction)
        for other in others
        for mine in sorted(new.ingredients)
        for theirs in sorted(other.ingredients)
        for pair in {frozenset((a, b)) for a in _forms(mine) for b in _forms(theirs)}
        if (interaction := table.pairs.get(pair))
    ]
    return Looked(tuple(found), table.source, table.version, _unknown(others))


def _unknown(others: tuple[Medicine, ...]) -> tuple[str, ...]:
    return tuple(other.label for other in others if not other.ingredients)


def name(text: str) -> str:
    """A name as it is compared: small letters, single spaces, no signs. Worked: "Amoxicillin (as trihydrate)"."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    # By category, not by \w: that cuts Hindi and Tamil words at their vowel signs.
    kept = (letter if unicodedata.category(letter)[0] in "LMN" else " " for letter in plain)
    return " ".join("".join(kept).split())


def alike(one: str, other: str) -> bool:
    """Whether two names may mean one substance: all words of the shorter stand in the longer one.

    Meant to warn too often: "amoxicillin" and "Amoxicillin trihydrate", "penicillin" and "Penicillin G". It knows no
    classes: that amoxicillin is a penicillin must stand in the allergy's substances.
    """
    mine, theirs = set(name(one).split()), set(name(other).split())
    return bool(mine and theirs) and (mine <= theirs or theirs <= mine)


def _forms(text: str) -> set[str]:
    """What a table may call a substance: each run of its words. "metoprolol succinate" is "metoprolol" too."""
    words = name(text).split()[:8]
    return {" ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1)}
