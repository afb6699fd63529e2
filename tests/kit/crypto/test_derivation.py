"""Derived keys and blind indexes."""

import hmac
from hashlib import sha256

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from ojas.kit.crypto import blind_index, derive, normalised

KEY = bytes(range(32))


def test_hkdf_here_gives_the_answer_of_rfc_5869_appendix_a_1() -> None:
    made = HKDF(
        SHA256(), 42, bytes.fromhex("000102030405060708090a0b0c"), bytes.fromhex("f0f1f2f3f4f5f6f7f8f9")
    ).derive(b"\x0b" * 22)
    assert made.hex() == (
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    )


def test_a_label_is_the_info_of_hkdf() -> None:
    extracted = hmac.digest(b"salt", KEY, sha256)
    expected = hmac.digest(extracted, b"ojas:cookies\x01", sha256)
    assert derive(KEY, "cookies", salt=b"salt") == expected


@given(st.text(max_size=20), st.text(max_size=20))
def test_different_labels_give_different_keys(one: str, other: str) -> None:
    assert (derive(KEY, one) == derive(KEY, other)) == (one == other)


def test_one_address_has_one_index_however_it_is_typed() -> None:
    spellings = ("Asha@Example.org", " asha@example.org ", "ＡSHA@example.org", "ASHA@EXAMPLE.ORG")
    assert len({blind_index(KEY, each) for each in spellings}) == 1
    assert len(blind_index(KEY, spellings[0])) == 16


def test_an_index_needs_its_key() -> None:
    assert blind_index(KEY, "asha@example.org") != blind_index(derive(KEY, "x"), "asha@example.org")
    assert blind_index(KEY, "asha@example.org") != blind_index(KEY, "usha@example.org")


@given(st.text(max_size=40))
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)
