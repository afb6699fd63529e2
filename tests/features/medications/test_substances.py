"""Which substances are the same, of one family, or near; and what is in a medicine that nobody broke down."""

import pytest

from ojas.features.medications.rules.families import CODES, FAMILIES, SYNONYMS
from ojas.features.medications.rules.substances import (
    Kinship,
    Tie,
    families,
    ingredients,
    international,
    kinship,
    known,
    meant_by,
    name,
    words,
)


@pytest.mark.parametrize(
    ("ingredient", "allergy", "tie"),
    [
        ("amoxicillin trihydrate", "Allergy to amoxicillin (disorder)", Tie.SAME),
        ("Paracetamol", "acetaminophen", Tie.SAME),
        ("warfarin", "Warfarin 5 mg", Tie.SAME),
        ("metoprolol succinate", "metoprolol", Tie.SAME),
        ("amoxicillin", "Penicillin", Tie.FAMILY),
        ("amoxicillin", "पेनिसिलिन", Tie.FAMILY),
        ("amoxicillin", "பென்சிலின்", Tie.FAMILY),
        ("co-trimoxazole", "sulfa drugs", Tie.FAMILY),
        ("Ibuprofen", "Aspirin", Tie.FAMILY),
        ("cefalexin", "Penicillin", Tie.NEAR),
        ("celecoxib", "ibuprofen", Tie.NEAR),
        ("candesartan", "ramipril", Tie.NEAR),
        ("morphine sulfate", "sulfa", None),
        ("glibenclamide", "sulfonylurea", None),
        ("aripiprazole", "omeprazole", None),
        ("nystatin", "atorvastatin", None),
        ("folic acid", "acetylsalicylic acid", None),
        ("metoprolol tartrate", "ergotamine tartrate", None),
        ("sodium chloride", "penicillin G sodium", None),
        ("paracetamol", "Peanut", None),
    ],
)
def test_what_is_the_same_and_what_is_kin(ingredient: str, allergy: str, tie: Tie | None) -> None:
    found = kinship(ingredient, allergy)
    assert (found.tie if found else None) is tie
    assert bool(kinship(allergy, ingredient)) is bool(tie)


def test_ingredients_are_those_entered_else_read_from_a_name_that_is_known() -> None:
    assert ingredients(("aspirin",), "ibuprofen", "Brufen") == ("aspirin",)
    assert ingredients((), "amoxicillin / clavulanic acid", "Augmentin") == ("amoxicillin", "clavulanic acid")
    assert ingredients((), None, "Amoxicillin 500") == ("Amoxicillin 500",)
    assert ingredients((), None, "Brufen") == ()
    assert ingredients((), None, "Metoprolol 50") == ("Metoprolol 50",)
    assert known("Penicillin G")
    assert not known("Peanut")


def test_an_international_name_is_told_from_a_brand() -> None:
    """Brands of India, each with what is in it: the one must never be taken for the other."""
    for brand, inside in {
        "Concor": "bisoprolol", "Amlong": "amlodipine", "Glycomet GP": "metformin", "Lasix": "furosemide",
        "Clopilet": "clopidogrel", "Xarelto": "rivaroxaban", "Jardiance": "empagliflozin", "Sorbitrate": "isosorbide dinitrate",
        "Claritin": "loratadine", "Shelcal": "cholecalciferol", "Becosules": "folic acid",
        "Dolo 650": "paracetamol", "Ecosprin": "aspirin", "Montair": "montelukast", "Lanoxin": "digoxin",
    }.items():  # fmt: skip
        assert not international(brand), brand
        assert international(inside), inside


MEMBERS = {
    "penicillins": "penicillin ampicillin flucloxacillin piperacillin",
    "cephalosporins": "cefalexin cephradine ceftriaxone",
    "carbapenems": "meropenem",
    "sulfonamides": "sulfadiazine sulphasalazine sulfonamide",
    "quinolones": "ciprofloxacin nalidixic fluoroquinolones",
    "macrolides": "azithromycin erythromycin",
    "aminoglycosides": "gentamicin streptomycin",
    "tetracyclines": "doxycycline",
    "lincosamides": "clindamycin",
    "glycopeptides": "vancomycin dalbavancin",
    "nitroimidazoles": "metronidazole",
    "azoles": "fluconazole",
    "nsaids": "aspirin ibuprofen meloxicam diclofenac naproxen mefenamic",
    "coxibs": "celecoxib",
    "opioids": "codeine morphine",
    "amides": "lidocaine",
    "esters": "benzocaine",
    "ace_inhibitors": "ramipril enalaprilat",
    "sartans": "losartan",
    "statins": "atorvastatin",
    "aromatic_antiepileptics": "phenytoin oxcarbazepine",
    "heparins": "enoxaparin heparin",
    "proton_pump_inhibitors": "omeprazole",
}
NOBODY = (
    "metoprolol amlodipine paracetamol warfarin metformin insulin levothyroxine prednisolone salbutamol furosemide "
    "glibenclamide aripiprazole nystatin sulfate fondaparinux tramadol april colchicine digoxin"
)


def test_every_family_knows_its_members_and_nobody_else() -> None:
    assert set(MEMBERS) == set(FAMILIES)
    for code, some in MEMBERS.items():
        for one in some.split():
            assert families([one]) == {code}, one
            assert known(one)
    for one in NOBODY.split():
        assert not families([one]), one


def test_who_is_near_to_whom_holds_both_ways() -> None:
    for code, family in FAMILIES.items():
        for other in family.near:
            assert code in FAMILIES[other].near


def test_what_codes_and_other_names_stand_for_is_known() -> None:
    assert meant_by([("http://snomed.info/sct", "91936005"), ("x", "1")]) == {"penicillin"}
    assert meant_by([("http://www.nlm.nih.gov/research/umls/rxnorm", "5640")]) == {"ibuprofen"}
    assert all(known(one) for one in CODES.values() if one != "paracetamol" and one != "trimethoprim")
    assert all(words(other) <= words(usual) for other, usual in SYNONYMS.items())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Co-amoxiclav 625", {"amoxicillin", "clavulanic", "625"}),
        ("Amoxicillin (as trihydrate)", {"amoxicillin"}),
        ("ASA", {"aspirin"}),
        ("acetylsalicylic acid", {"aspirin"}),
        ("Penicillin-G", {"penicillin", "g"}),
        ("Allergy to sulfa drugs", {"sulfonamide"}),
        ("sodium chloride", set()),
        ("— –", set()),
    ],
)
def test_words_that_tell_a_substance(text: str, found: set[str]) -> None:
    assert words(text) == found


def test_a_name_is_written_as_it_is_compared() -> None:
    assert name("  Co-Amoxiclav  (500/125)") == "co-amoxiclav 500 125"
    assert name("- Aspirin -") == "aspirin"


def test_a_kinship_says_by_which_family() -> None:
    assert kinship("amoxicillin", "penicillin") == Kinship(Tie.FAMILY, "penicillins")
    assert kinship("cefalexin", "penicillin") == Kinship(Tie.NEAR, "cephalosporins")
    assert kinship("aspirin", "ASA") == Kinship(Tie.SAME)
    assert kinship("", "penicillin") is None


def test_ingredients_of_a_mixture_are_taken_apart() -> None:
    assert ingredients((), "codeine and paracetamol", "x") == ("codeine", "paracetamol")
    assert ingredients((), None, "Amoxicillin + clavulanic acid") == ("Amoxicillin", "clavulanic acid")
    assert ingredients((), None, "Multivitamin with iron") == ()
    assert ingredients((), None, "Ibuprofen with codeine") == ("Ibuprofen", "codeine")
    assert ingredients((), "", "Ibuprofen") == ("Ibuprofen",)
    assert ingredients((), "Something rare", "Brand") == ("Something rare",)
