"""Finding a diagnosis by its code or by what people call it."""

import importlib.util
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import corpus

from ojas.features.record.rules import icd10
from ojas.features.record.rules.icd10.common import COMMON


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("I10", "I10"),
        ("i25.10", "I25.10"),
        ("i2510", "I25.10"),
        ("heart fail", "I50.9"),
        ("fail heart", "I50.9"),
        ("high blood pressure", "I10"),
        ("BLOOD pressure HIGH", "I10"),
        ("sugar", "E11.9"),
        ("शुगर", "E11.9"),
        ("हाई ब्लड", "I10"),
        ("சர்க்கரை", "E11.9"),
        ("மாரடைப்பு", "I21.9"),
        ("meniere", "H81.0"),
        ("classical cholera", "A00.0"),
        ("abscess liver", "K75.0"),
    ],
)
def test_the_first_answer_is_what_was_meant(query, code):
    assert icd10.find(query)[0].code == code


def test_nothing_typed_offers_what_is_common():
    assert [one.code.replace(".", "") for one in icd10.find("", limit=100)] == list(COMMON)


def test_a_word_is_found_by_its_beginning_and_not_by_its_middle():
    assert all("itis" not in one.description.split()[0][:4].lower() for one in icd10.find("appendi"))
    assert not any("asthma" in one.description.lower() for one in icd10.find("sthma"))


def test_every_common_code_exists_and_has_a_name_in_three_languages():
    for code, names in COMMON.items():
        found = icd10.read(code)
        assert found, code
        assert found.billable, code
        assert len(names) == 3
        assert all(name.strip() for name in names)


def test_answers_are_in_the_readers_language():
    assert icd10.read("E11.9", language="ta").everyday == "வகை 2 நீரிழிவு"
    assert icd10.read("E11.9", language="hi").everyday == "टाइप 2 मधुमेह"
    assert icd10.read("A00.0").everyday is None


@pytest.mark.parametrize("code", ["", "I", "ZZZ", "I10.99999", "i10\n", "A00\t0", "../x"])
def test_there_is_no_such_code(code):
    assert icd10.read(code) is None or code.strip().upper() == "I10"


@given(st.text(max_size=100))
def test_whatever_is_typed_is_answered(query):
    found = icd10.find(query, limit=5)
    assert len(found) <= 5
    assert len({one.code for one in found}) == len(found)


def test_typing_is_answered_at_once():
    icd10.find("warm")
    start = time.process_time()  # which a busy machine does not stretch
    for query in ("unspecified", "fracture right femur", "left", "diabetes", "e"):
        icd10.find(query)
    assert time.process_time() - start < 1  # 0.1 s


def test_the_list_is_what_the_sources_say():
    folder = corpus("vocab_icd10") / "icd10cm_public_domain"
    script = Path(__file__).parents[3] / "scripts" / "icd10.py"
    spec = importlib.util.spec_from_file_location("icd10_script", script)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    packed = module.packed(folder / "icd10cm-order-Jan-2021.txt.gz", folder / "icd10cm_tabular_2021.xml.gz")
    assert packed == module.OUT.read_bytes(), "run scripts/icd10.py"
