"""What speaks against a medicine, and what was never looked at."""

import pytest

from ojas.features.medications.rules.safety import (
    NO_TABLE,
    WHY,
    Allergy,
    Finding,
    Interaction,
    Looked,
    Medicine,
    NotChecked,
    Severity,
    Table,
    Why,
    alike,
    check,
    forms,
)
from ojas.features.medications.rules.substances import Kinship, Tie, name


def medicine(label: str, *ingredients: str) -> Medicine:
    return Medicine(label, frozenset(ingredients))


WARFARIN = medicine("Warf 5", "warfarin sodium")
# Ibuprofen with warfarin raises the risk of bleeding: in every label of either; here as a test's own table.
BLEEDING = Interaction(Severity.MAJOR, "Bleeding", "test")
TABLE = Table("A test's own list", "1", {frozenset(("warfarin", "ibuprofen")): BLEEDING})


def test_without_a_list_it_says_that_nothing_was_checked() -> None:
    found = check(medicine("Brufen", "ibuprofen"), [WARFARIN], [], NO_TABLE, no_allergies=True)
    assert found.interactions == NotChecked(Why.NO_LIST)


@pytest.mark.parametrize("table", [Table(pairs=TABLE.pairs), Table("somewhere", "", TABLE.pairs)])
def test_a_list_without_source_or_version_is_none(table: Table) -> None:
    assert check(medicine("Brufen", "ibuprofen"), [WARFARIN], [], table).interactions == NotChecked(
        Why.NO_LIST
    )


def test_every_reason_has_its_sign_for_machines_and_its_words() -> None:
    assert list(map(str, Why)) == ["no_list", "no_ingredients", "no_allergies", "none_known", "not_shared"]
    assert list(map(str, Severity)) == ["minor", "moderate", "major", "forbidden"]
    assert set(WHY) == set(Why)
    assert not any("safe" in words.casefold() for words in WHY.values()), "it never says so"


def test_with_a_list_it_names_what_was_found_and_where_it_stands() -> None:
    found = check(medicine("Brufen", "Ibuprofen"), [WARFARIN], [], TABLE)
    wanted = Finding("Ibuprofen", "Warf 5", "warfarin sodium", BLEEDING)
    assert found.interactions == Looked((wanted,), "A test's own list", "1")


def test_both_ways_round() -> None:
    found = check(WARFARIN, [medicine("Brufen", "ibuprofen")], [], TABLE).interactions
    assert isinstance(found, Looked)
    assert len(found.found) == 1


def test_with_a_list_and_nothing_found_it_still_says_by_which_list() -> None:
    found = check(medicine("Calpol", "paracetamol"), [WARFARIN], [], TABLE, no_allergies=True)
    assert found.interactions == Looked((), "A test's own list", "1")


def test_a_medicine_of_unknown_ingredients_is_named_and_never_compared() -> None:
    found = check(medicine("Calpol", "paracetamol"), [medicine("Herbal mix")], [], TABLE, no_allergies=True)
    assert isinstance(found.interactions, Looked)
    assert found.interactions.unknown == ("Herbal mix",)
    penicillin = Allergy("Penicillin", frozenset({"penicillin"}))
    nothing = check(medicine("Herbal mix"), [WARFARIN], [penicillin], TABLE)
    assert nothing.allergies == nothing.duplicates == nothing.interactions == NotChecked(Why.NO_INGREDIENTS)
    assert check(medicine("Herbal mix"), [], [penicillin]).interactions == NotChecked(Why.NO_LIST)


def test_an_allergy_to_an_ingredient_is_found() -> None:
    allergy = Allergy("Penicillins", frozenset({"penicillin", "amoxicillin"}), severe=True)
    found = check(medicine("Augmentin", "amoxicillin trihydrate", "clavulanic acid"), [], [allergy])
    wanted = Finding(
        "amoxicillin trihydrate", "Penicillins", "amoxicillin", kinship=Kinship(Tie.SAME), severe=True
    )
    assert found.allergies == Looked((wanted,))


def test_no_allergies_recorded_is_not_the_same_as_none() -> None:
    for new in (medicine("Calpol", "paracetamol"), medicine("Calpol")):
        assert check(new, [], []).allergies == NotChecked(Why.NO_ALLERGIES)
        assert check(new, [], [], no_allergies=True).allergies == NotChecked(Why.NONE_KNOWN)


def test_the_same_ingredient_twice_is_found_without_any_list() -> None:
    found = check(medicine("Calpol", "Paracetamol"), [medicine("Cold relief", "paracetamol", "caffeine")], [])
    assert found.duplicates == Looked((Finding("Paracetamol", "Cold relief", "paracetamol"),))


def test_the_same_package_entered_twice_is_found_by_its_name() -> None:
    telma = medicine("Telma 40")
    found = check(medicine("telma  40"), [telma, medicine("Telma 80"), WARFARIN], []).duplicates
    assert found == Looked((Finding("telma  40", "Telma 40", "Telma 40"),), unknown=("telma  40",))
    known = check(medicine("Telma 40", "telmisartan"), [telma], []).duplicates
    assert known == Looked((Finding("Telma 40", "Telma 40", "Telma 40"),), unknown=("Telma 40",))
    assert check(telma, [WARFARIN], []).duplicates == NotChecked(Why.NO_INGREDIENTS)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Amoxicillin", "amoxicillin (as trihydrate)", True),
        ("PENICILLIN", "Penicillin-G", True),
        ("folic acid", "acetylsalicylic acid", False),
        ("", "aspirin", False),
        ("—", "aspirin", False),
        ("पैरासिटामोल", "पैरासिटामोल 500", True),
        ("பாராசிட்டமால்", "பாரா", False),
    ],
)
def test_names_are_compared_by_their_words(one: str, other: str, same: bool) -> None:
    assert alike(one, other) is same
    assert alike(other, one) is same


def test_a_name_keeps_its_vowel_signs() -> None:
    assert name("  Vitamin  D₃ ") == "vitamin d3"
    assert name("पैरासिटामोल") == "पैरासिटामोल"


def test_the_worst_and_the_nearest_come_first() -> None:
    minor = Interaction(Severity.MINOR, "Watch", "test")
    table = Table("A", "1", {frozenset(("warfarin", "paracetamol")): minor} | dict(TABLE.pairs))
    found = check(medicine("Both", "ibuprofen", "acetaminophen"), [WARFARIN], [], table).interactions
    assert isinstance(found, Looked)
    assert [one.ingredient for one in found.found] == ["ibuprofen", "acetaminophen"]
    near = Allergy("Cefalexin", frozenset({"cefalexin"}))
    same = Allergy("Amoxicillin", frozenset({"amoxicillin"}))
    allergies = check(medicine("A", "amoxicillin"), [], [near, same]).allergies
    assert isinstance(allergies, Looked)
    assert [one.label for one in allergies.found] == ["Amoxicillin", "Cefalexin"]


def test_a_list_finds_a_substance_by_each_run_of_its_words_and_by_its_other_names() -> None:
    assert forms("Metoprolol (succinate)") == {"metoprolol", "succinate", "metoprolol succinate"}
    assert {"paracetamol", "acetaminophen"} <= forms("Paracetamol 500")
    assert {"aspirin", "asa", "acetylsalicylic acid"} <= forms("acetylsalicylic acid")
    assert "asa" not in forms("ibuprofen")


def test_a_list_that_knows_another_of_its_names_finds_a_medicine_written_in_hindi() -> None:
    table = Table("A", "1", {frozenset(("warfarin", "acetaminophen")): BLEEDING})
    found = check(medicine("मेरी दवा", "पैरासिटामोल"), [WARFARIN], [], table).interactions
    assert isinstance(found, Looked)
    assert [one.ingredient for one in found.found] == ["पैरासिटामोल"]


def test_of_a_very_long_name_the_first_eight_words_are_looked_up() -> None:
    """A name of a thousand words would be half a million runs."""
    told = [f"w{number}" for number in range(9)]
    assert "w7" in forms(" ".join(told))
    assert "w8" not in forms(" ".join(told))
    assert len(forms(" ".join(told))) == 8 * 9 // 2


def test_only_an_allergy_that_was_called_severe_is_told_as_one() -> None:
    penicillin = frozenset({"penicillin"})
    for severe, allergy in (
        (False, Allergy("Penicillin", penicillin)),
        (True, Allergy("Penicillin", penicillin, True)),
    ):
        looked = check(medicine("A", "amoxicillin"), [], [allergy]).allergies
        assert isinstance(looked, Looked)
        assert [one.severe for one in looked.found] == [severe]
    twice = check(medicine("A", "ibuprofen"), [medicine("B", "ibuprofen")], []).duplicates
    assert isinstance(twice, Looked)
    assert not twice.found[0].severe
