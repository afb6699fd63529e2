"""Both ceremonies of a passkey, against an authenticator in software."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kit.auth.authenticator import Authenticator, b64, raw

from ojas.kit.auth import passkeys
from ojas.kit.auth.passkeys import Passkey, Question, RelyingParty
from ojas.kit.errors import Incorrect

PARTY = RelyingParty("localhost", "Ojas", ("http://localhost",))


def asked() -> Question:
    return passkeys.registration_options(PARTY, handle=b"a" * 16, name="a@example.org", label="Asha")


def enrolled(device: Authenticator) -> Passkey:
    question = asked()
    return passkeys.registered(PARTY, device.create(question.options), question.challenge)


def signed_in(device: Authenticator, made: Passkey, count: int | None = None) -> int:
    question = passkeys.authentication_options(PARTY)
    reply = device.get(question.options)
    return passkeys.authenticated(
        PARTY,
        reply,
        question.challenge,
        public_key=made.public_key,
        count=made.count if count is None else count,
    )


def test_a_passkey_is_made_and_then_opens() -> None:
    device = Authenticator()
    made = enrolled(device)
    assert made.credential_id == device.credential_id
    assert signed_in(device, made) == 1
    assert signed_in(device, made, count=1) == 2


def test_the_browser_is_asked_to_verify_its_user_and_to_remember_the_account() -> None:
    wanted = asked().options["authenticatorSelection"]
    assert wanted["userVerification"] == "required"
    assert wanted["residentKey"] == "required"
    assert passkeys.authentication_options(PARTY).options["userVerification"] == "required"


def test_the_reply_names_its_question_and_its_key() -> None:
    device, question = Authenticator(), asked()
    reply = device.create(question.options)
    assert passkeys.challenge_of(reply) == question.challenge
    assert passkeys.credential_id_of(reply) == device.credential_id


@pytest.mark.parametrize("bent", [{"origin": "https://evil.example"}, {"verified": False}])
def test_a_device_elsewhere_or_without_its_user_makes_no_passkey(bent: dict[str, Any]) -> None:
    with pytest.raises(Incorrect):
        enrolled(Authenticator(**bent))


def test_a_reply_to_another_question_is_refused() -> None:
    device = Authenticator()
    made = enrolled(device)
    reply = device.get(passkeys.authentication_options(PARTY).options)
    with pytest.raises(Incorrect):
        passkeys.authenticated(PARTY, reply, b"another", public_key=made.public_key, count=0)


def test_another_devices_signature_is_refused() -> None:
    made = enrolled(Authenticator())
    with pytest.raises(Incorrect):
        signed_in(Authenticator(), made)


def test_a_page_of_another_site_cannot_relay_a_sign_in() -> None:
    device = Authenticator()
    made = enrolled(device)
    device.origin = "https://0jas.example"
    with pytest.raises(Incorrect):
        signed_in(device, made)


def test_a_count_that_goes_back_shows_a_copied_key() -> None:
    device = Authenticator()
    made = enrolled(device)
    with pytest.raises(Incorrect):
        signed_in(device, made, count=7)


@pytest.mark.parametrize("name", ["clientDataJSON", "authenticatorData", "signature"])
def test_a_changed_bit_anywhere_is_refused(name: str) -> None:
    device = Authenticator()
    made = enrolled(device)
    question = passkeys.authentication_options(PARTY)
    reply = device.get(question.options)
    data = bytearray(raw(reply["response"][name]))
    data[-3] ^= 1
    reply["response"][name] = b64(bytes(data))
    with pytest.raises(Incorrect):
        passkeys.authenticated(PARTY, reply, question.challenge, public_key=made.public_key, count=0)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60)
@given(
    where=st.sampled_from(["id", "rawId", "type", "response", "attestationObject", "clientDataJSON"]),
    junk=JSON,
)
def test_any_malformed_reply_is_refused_and_breaks_nothing(where: str, junk: Any) -> None:
    question = asked()
    reply = copy.deepcopy(Authenticator().create(question.options))
    (reply if where in reply else reply["response"])[where] = junk
    with pytest.raises(Incorrect):
        passkeys.registered(PARTY, reply, question.challenge)


@settings(max_examples=60)
@given(junk=st.binary(max_size=120))
def test_any_bytes_in_place_of_an_attestation_are_refused(junk: bytes) -> None:
    question = asked()
    reply = Authenticator().create(question.options)
    reply["response"]["attestationObject"] = b64(junk)
    with pytest.raises(Incorrect):
        passkeys.registered(PARTY, reply, question.challenge)
