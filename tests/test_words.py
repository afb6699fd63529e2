"""English, Hindi and Tamil say the same, everywhere."""

import re

import pytest

from tests import words

SAME = re.compile(
    r"(\{\w+\}|[\W\d_]|FHIR|Ojas|OK|CSV|JSON|PDF|API|REST|ICD-10|LOINC|Apple|Health|TOTP|QR|SMS|XML|ZIP|ID)*"
)
"""What is the same in every language: names, numbers, signs."""


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_message_is_translated(language: str) -> None:
    lacking = words.missing(language)
    assert not lacking, f"{len(lacking)} missing in {language}:\n" + "\n".join(map(str, lacking[:40]))


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_no_translation_outlives_its_message(language: str) -> None:
    said = {message.text for message in words.said()}
    dead = sorted(set(words.everything(language)) - said)
    assert not dead, f"{len(dead)} in {language} that nobody says: {dead[:20]}"


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_a_message_is_said_alike_by_everybody_who_says_it(language: str) -> None:
    """All catalogues are one when they are read: of two translations the last would win, whoever says it."""
    said: dict[str, set[tuple[str, ...]]] = {}
    for file in words.ROOT.rglob(f"locale/{language}.po"):
        for name, entry in words.catalogue(file.parents[1], language).items():
            said.setdefault(name, set()).add(entry.forms)
    unlike = sorted(name for name, forms in said.items() if len(forms) > 1)
    assert not unlike, f"{len(unlike)} said in several ways in {language}: {unlike[:20]}"


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_a_translation_fills_the_same_holes(language: str) -> None:
    wrong = []
    for name, entry in words.everything(language).items():
        wanted = set().union(*map(words.holes, entry.english)) - {"n"}
        filled = set().union(*map(words.holes, entry.forms)) - {"n"}
        if wanted != filled:
            wrong.append(name)
    assert not wrong, f"other holes in {language}: {wrong[:20]}"


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_nothing_is_left_in_english(language: str) -> None:
    script = re.compile("[ऀ-ॿ]" if language == "hi" else "[஀-௿]")
    left = [
        name
        for name, entry in words.everything(language).items()
        if not all(script.search(form) for form in entry.forms) and not SAME.fullmatch(name)
    ]
    assert not left, f"still in English in {language}: {left[:20]}"
