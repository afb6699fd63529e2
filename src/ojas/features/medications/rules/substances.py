"""Whether what somebody is allergic to and what is in a medicine are the same, or kin. Meant to warn too often.

A name is compared by its words, as people and labels write it: "Amoxicillin (as trihydrate)", "Allergy to penicillin".
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from ojas.features.medications.rules.families import CODES, FAMILIES, PLAIN, STEMS, SYNONYMS

_APART = re.compile(r"[+/,;&|]| and | with ")
_EVERYWHERE = frozenset(
    "acid allergy allergic anhydrous and antibiotic antibiotics as calcium chloride citrate class drug drugs for hcl "
    "hydrochloride hydrogen in intolerance magnesium maleate medicine medicines of or phosphate potassium reaction sodium "
    "substance sulfate sulphate tartrate the to trihydrate with".split()
)
"""Words that stand in many names: that two share one of these says nothing."""


class Tie(StrEnum):
    """How near two substances are, nearest first."""

    SAME = "same"
    FAMILY = "family"
    NEAR = "near"


@dataclass(frozen=True, slots=True)
class Kinship:
    """``family`` is the label of what they share, or of the family that may react too; none where they are the same."""

    tie: Tie
    family: str = ""


def name(text: str) -> str:
    """A name as it is compared: small letters, single spaces, no signs. Worked: "Amoxicillin (as trihydrate)"."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    # By category, not by \w: that cuts Hindi and Tamil words at their vowel signs. A hyphen belongs to "co-amoxiclav".
    kept = (letter if unicodedata.category(letter)[0] in "LMN" or letter == "-" else " " for letter in plain)
    return " ".join(part for word in "".join(kept).split() if (part := word.strip("-")))


def words(text: str) -> frozenset[str]:
    """The words that tell a substance, other names replaced by the usual one."""
    plain = name(text)
    found: set[str] = set()
    for other, usual in SYNONYMS.items():
        if f" {other} " in f" {plain} ":
            found |= set(usual.split())
            plain = f" {plain} ".replace(f" {other} ", " ").strip()
    found |= {part for word in plain.split() for part in word.split("-") if part}
    return frozenset(found) - _EVERYWHERE


def kinship(one: str, other: str) -> Kinship | None:
    """How two names are tied. "Penicillin" and "amoxicillin" are of one family; "penicillin" and "cefalexin" near."""
    mine, theirs = words(one), words(other)
    if _within(mine, theirs) or _within(frozenset(name(one).split()), frozenset(name(other).split())):
        return Kinship(Tie.SAME)
    ours, others = families(mine), families(theirs)
    if shared := sorted(ours & others):
        return Kinship(Tie.FAMILY, FAMILIES[shared[0]].label)
    near = sorted(each for each in ours if set(FAMILIES[each].near) & others)
    return Kinship(Tie.NEAR, FAMILIES[near[0]].label) if near else None


def _within(mine: frozenset[str], theirs: frozenset[str]) -> bool:
    """Whether all words of the shorter name stand in the longer one."""
    return bool(mine and theirs) and (mine <= theirs or theirs <= mine)


def families(some: Iterable[str]) -> frozenset[str]:
    """Which families words name a member of."""
    return frozenset(code for code, family in FAMILIES.items() if any(family.holds(word) for word in some))


def known(text: str) -> bool:
    """Whether a name is one of ours, so that a comparison with it is more than one of words."""
    found = words(text)
    return bool(families(found) or found & _USUAL)


def international(text: str) -> bool:
    """Whether it names a substance by its international name, and not a package by its brand."""
    return known(text) or any(word in PLAIN or word.endswith(STEMS) for word in words(text))


_USUAL = frozenset(word for usual in SYNONYMS.values() for word in usual.split()) - _EVERYWHERE


def meant_by(codes: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The substances that codes stand for, each (system, code)."""
    return frozenset(CODES[code] for code in codes if code in CODES)


def ingredients(entered: Iterable[str], generic: str | None, label: str) -> tuple[str, ...]:
    """The active ingredients of a medicine: as they were entered, else its generic name, else an international name it has."""
    if given := tuple(entered):
        return given
    for text in (generic, label):
        parts = tuple(part.strip() for part in _APART.split(text or "") if part.strip())
        if parts and (text == generic or any(international(part) for part in parts)):
            return parts
    return ()
