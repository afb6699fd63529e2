"""The envelope opens for the right key, in the right place, unchanged; and never otherwise."""

import hmac
import struct
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from ojas.kit.crypto import DataKey, Unreadable, open_with, seal, seal_with, unseal

KEY = DataKey(bytes(range(32)), 7)
OTHER = DataKey(bytes(range(1, 33)), 7)

FIRST = (
    "0100000007230135015b2fb5703cc3732b91133132546df7d5bd26890272"
    "b67c38306878b2fc01c3acddf8753a0a0aa99b0bbb51a9"
)
"""``ojas``, sealed with KEY for ``place`` when format 1 was settled."""


def expanded(key: bytes, info: bytes, length: int) -> bytes:
    """HKDF-SHA-256 with an empty salt, for at most one block, as RFC 5869 words it."""
    extracted = hmac.digest(bytes(32), key, sha256)
    return hmac.digest(extracted, info + b"\x01", sha256)[:length]


@given(st.binary(max_size=5000), st.binary(max_size=60))
def test_what_is_sealed_opens_again(plaintext: bytes, context: bytes) -> None:
    sealed = seal(KEY, plaintext, context)
    assert unseal(KEY, sealed, context) == plaintext
    assert len(sealed) == len(plaintext) + 49


@given(st.binary(max_size=64), st.data())
def test_any_changed_bit_is_refused(plaintext: bytes, data: st.DataObject) -> None:
    sealed = bytearray(seal(KEY, plaintext, b"place"))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Unreadable):
        unseal(KEY, bytes(sealed), b"place")


@given(st.binary(min_size=1, max_size=64), st.data())
def test_any_missing_or_added_end_is_refused(plaintext: bytes, data: st.DataObject) -> None:
    sealed = seal(KEY, plaintext, b"place")
    shorter = sealed[: data.draw(st.integers(0, len(sealed) - 1))]
    for changed in (shorter, sealed + data.draw(st.binary(min_size=1, max_size=9))):
        with pytest.raises(Unreadable):
            unseal(KEY, changed, b"place")


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_what_was_sealed_for_one_place_does_not_open_in_another(here: bytes, there: bytes) -> None:
    if here == there:
        return
    with pytest.raises(Unreadable) as trouble:
        unseal(KEY, seal(KEY, b"120/80", here), there)
    assert trouble.value.reason == "content"


def test_another_key_of_the_same_version_is_told_apart_from_damage() -> None:
    with pytest.raises(Unreadable) as trouble:
        unseal(OTHER, seal(KEY, b"120/80", b"place"), b"place")
    assert trouble.value.reason == "key"


def test_the_version_of_the_key_cannot_be_relabelled() -> None:
    same_material = DataKey(KEY.material, 8)
    sealed = bytearray(seal(KEY, b"120/80", b"place"))
    sealed[1:5] = (8).to_bytes(4, "big")
    with pytest.raises(Unreadable) as trouble:
        unseal(same_material, bytes(sealed), b"place")
    assert trouble.value.reason == "content"


def test_a_hundred_thousand_seals_have_as_many_nonces() -> None:
    assert len({seal(KEY, b"", b"")[21:33] for _ in range(100_000)}) == 100_000


@given(st.integers(1, 6), st.binary(max_size=50))
def test_what_older_keys_sealed_opens_after_rotation(rotations: int, plaintext: bytes) -> None:
    keys = {1: DataKey.new(1)}
    sealed = [seal_with(keys, plaintext, b"place")]
    for version in range(2, rotations + 2):
        keys[version] = DataKey.new(version)
        sealed.append(seal_with(keys, plaintext, b"place"))
    assert [open_with(keys, each, b"place") for each in sealed] == [plaintext] * (rotations + 1)
    assert [each[4] for each in sealed] == list(range(1, rotations + 2))


def test_a_destroyed_version_opens_nothing() -> None:
    keys = {1: DataKey.new(1), 2: DataKey.new(2)}
    sealed = seal(keys[1], b"120/80", b"place")
    del keys[1]
    with pytest.raises(Unreadable):
        open_with(keys, sealed, b"place")


def test_the_format_can_be_opened_by_anyone_who_reads_its_description() -> None:
    """A second reading of the format, with nothing of ours: it must stay readable for decades."""
    sealed = seal(KEY, b"\xe0\xae\x89", b"place")
    form, version, commitment, nonce = struct.unpack_from(">BI16s12s", sealed)
    assert (form, version) == (1, 7)
    assert commitment == expanded(KEY.material, b"ojas:commit", 16)
    cipher = AESGCM(expanded(KEY.material, b"ojas:seal", 32))
    assert cipher.decrypt(nonce, sealed[33:], struct.pack(">BI", 1, 7) + b"place") == b"\xe0\xae\x89"


def test_an_envelope_sealed_by_the_first_release_still_opens() -> None:
    sealed = bytes.fromhex(FIRST)
    assert unseal(KEY, sealed, b"place") == b"ojas"


def test_aes_gcm_here_gives_the_answers_of_its_authors() -> None:
    """Test case 16 of McGrew and Viega, The Galois/Counter Mode of Operation (the submission to NIST)."""
    key = bytes.fromhex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")
    plaintext = bytes.fromhex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
    )
    bound = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    expected = (
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
        "76fc6ece0f4e1768cddf8853bb2d551b"
    )
    assert AESGCM(key).encrypt(bytes.fromhex("cafebabefacedbaddecaf888"), plaintext, bound).hex() == expected


def test_a_key_does_not_show_itself() -> None:
    assert KEY.material.hex() not in repr(KEY)
    assert repr(KEY) == "DataKey(version=7)"


@pytest.mark.parametrize(("material", "version"), [(b"short", 1), (bytes(32), -1), (bytes(32), 2**32)])
def test_a_malformed_key_is_refused(material: bytes, version: int) -> None:
    with pytest.raises(ValueError):
        DataKey(material, version)
