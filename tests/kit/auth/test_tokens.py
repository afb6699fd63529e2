"""Signed tokens: what is believed, and everything that is not."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from ojas.kit.auth import Invalid, Signers, SigningKey, digest, new_token, successor
from ojas.kit.auth.tokens import LIFE, NOTICE, TERM
from ojas.kit.ids import new_id

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = SigningKey.new("ES256", NOON)


def signers(*keys: SigningKey, audience: str = "https://ojas.example/api") -> Signers:
    return Signers(keys or (KEY,), issuer="https://ojas.example", audience=audience)


def forged(
    header: dict[str, Any] | None = None, claims: dict[str, Any] | None = None, key: Any = KEY.key
) -> str:
    now = int(NOON.timestamp())
    head = {"alg": "ES256", "kid": KEY.kid, "typ": "at+jwt"} | (header or {})
    body = {
        "iss": "https://ojas.example",
        "aud": "https://ojas.example/api",
        "sub": str(new_id()),
        "sid": str(new_id()),
        "jti": "x",
        "iat": now,
        "exp": now + 300,
    } | (claims or {})
    return jwt.encode(
        {name: value for name, value in head.items() if value is not None},
        {name: value for name, value in body.items() if value is not None},
        key,
        algorithms=[head["alg"]],
        default_type=None,
    )


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
def test_a_token_says_whose_it_is_until_its_time_is_up(algorithm: Any) -> None:
    house = signers(SigningKey.new(algorithm, NOON))
    account, session = new_id(), new_id()
    token, seconds = house.issue(account, session, NOON)
    assert seconds == 600
    claims = house.verify(token, NOON + timedelta(minutes=9))
    assert (claims.account_id, claims.session_id) == (account, session)
    with pytest.raises(Invalid):
        house.verify(token, NOON + LIFE + timedelta(seconds=31))


def test_a_well_made_token_is_believed() -> None:
    signers().verify(forged(), NOON)


@pytest.mark.parametrize(
    "token",
    [
        forged(claims={"aud": "https://other.example"}),
        forged(claims={"aud": None}),
        forged(claims={"iss": None}),
        forged(claims={"iat": None}),
        forged(claims={"iss": "https://evil.example"}),
        forged(claims={"exp": int(NOON.timestamp()) - 60}),
        forged(claims={"exp": None}),
        forged(claims={"exp": int(NOON.timestamp()) + 86400}),
        forged(claims={"exp": "soon"}),
        forged(claims={"iat": int(NOON.timestamp()) + 3600}),
        forged(claims={"sub": "1 OR 1=1"}),
        forged(claims={"sub": None}),
        forged(claims={"sid": None}),
        forged(claims={"jti": None}),
        forged(header={"typ": "JWT"}),
        forged(header={"typ": None}),
        forged(header={"kid": "other"}),
        forged(header={"kid": None}),
        forged(key=ECKey.generate_key("P-256")),
        "",
        "a.b.c",
        "." * 3,
        "é.é.é",
        "x" * 5000,
    ],
)
def test_a_token_that_is_wrong_in_one_thing_proves_nothing(token: str) -> None:
    with pytest.raises(Invalid):
        signers().verify(token, NOON)


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_an_unsigned_token_and_one_signed_with_the_public_key_as_a_secret_prove_nothing() -> None:
    body = forged().split(".")[1]
    with pytest.raises(Invalid):
        signers().verify(f"{part({'alg': 'none', 'kid': KEY.kid, 'typ': 'at+jwt'})}.{body}.", NOON)
    secret = OctKey.import_key(json.dumps(KEY.public()))
    with pytest.raises(Invalid):
        signers().verify(forged(header={"alg": "HS256"}, key=secret), NOON)


def test_a_key_the_token_brings_along_is_not_looked_at() -> None:
    own = ECKey.generate_key("P-256")
    with pytest.raises(Invalid):
        signers().verify(forged(header={"jwk": own.as_dict(private=False)}, key=own), NOON)


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda b: b.decode("latin-1")))
def test_any_other_text_is_refused_and_breaks_nothing(text: str) -> None:
    with pytest.raises(Invalid):
        signers().verify(text, NOON)


def test_a_new_key_is_announced_before_it_signs_and_the_old_one_is_kept_until_its_last_token_has_ended() -> (
    None
):
    old, new = SigningKey.new("ES256", NOON), SigningKey.new("RS256", NOON + TERM)
    house = signers(old, new)
    made = NOON + TERM
    assert {key["kid"] for key in house.key_set()["keys"]} == {old.kid, new.kid}
    assert house.signing(made + NOTICE / 2) == old
    assert house.signing(made + NOTICE) == new
    token, _ = house.issue(new_id(), new_id(), made + NOTICE - timedelta(seconds=1))
    assert house.verify(token, made + NOTICE + LIFE - timedelta(minutes=1))
    assert house.spent(made + NOTICE + LIFE) == []
    assert house.spent(made + NOTICE + LIFE + timedelta(hours=1)) == [old]


def test_the_first_key_signs_at_once_and_the_next_is_due_after_its_term() -> None:
    house = signers()
    assert house.signing(NOON) == KEY
    assert not house.due(NOON + TERM - timedelta(seconds=1))
    assert house.due(NOON + TERM)
    assert Signers([], issuer="x", audience="x").due(NOON)


def test_the_key_set_holds_nothing_private() -> None:
    for algorithm in ("ES256", "RS256"):
        (shown,) = signers(SigningKey.new(algorithm, NOON)).key_set()["keys"]  # type: ignore[arg-type]
        assert not {"d", "p", "q", "dp", "dq", "qi"} & shown.keys()
        assert (shown["alg"], shown["use"]) == (algorithm, "sig")


def test_a_key_survives_being_kept() -> None:
    kept = SigningKey.load("ES256", KEY.created_at, KEY.dump())
    assert kept.kid == KEY.kid
    assert signers(kept).verify(forged(), NOON)


def test_opaque_tokens_differ_and_their_digests_do_too() -> None:
    tokens = {new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert len({digest(token) for token in tokens}) == 1000
    assert all(len(token) == 43 for token in tokens)


def test_the_times_of_tokens_and_keys_are_those_the_guide_says() -> None:
    assert (timedelta(minutes=10), timedelta(hours=1), timedelta(days=90)) == (LIFE, NOTICE, TERM)


def test_a_clock_may_be_thirty_seconds_off_and_no_more() -> None:
    now = int(NOON.timestamp())
    ended = forged(claims={"iat": now - 329, "exp": now - 29})
    signers().verify(ended, NOON)
    with pytest.raises(Invalid):
        signers().verify(ended, NOON + timedelta(seconds=1))


def test_a_token_that_was_checked_before_says_the_same_and_ends_at_its_time() -> None:
    house, token = signers(), forged()
    first = house.verify(token, NOON)
    assert house.verify(token, NOON) == first
    with pytest.raises(Invalid):
        house.verify(token, NOON + LIFE)


def test_what_was_checked_before_is_remembered_of_so_many_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ojas.kit.auth.tokens._REMEMBERED", 3)
    house = signers()
    for _ in range(9):
        house.verify(forged(claims={"sub": str(new_id())}), NOON)
    assert len(house._checked) == 3


@pytest.mark.parametrize("token", ["x" * 4096 + "." * 2, "é" * 10])
def test_a_token_too_long_or_of_other_letters_is_not_even_looked_at(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Signers, "_verified", lambda *_: pytest.fail("it was looked at"))
    with pytest.raises(Invalid):
        signers().verify(token, NOON)


def test_a_successor_is_the_keyed_digest_of_its_token() -> None:
    """RFC 4231, test case 2, in base64url without padding (RFC 4648, section 5)."""
    expected = bytes.fromhex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    made = successor(b"Jefe", "what do ya want for nothing?")
    assert base64.urlsafe_b64decode(made + "=") == expected
    assert len(made) == 43


def test_what_was_read_from_a_token_or_kept_as_a_key_cannot_be_changed() -> None:
    claims = signers().verify(forged(), NOON)
    for thing, name in ((claims, "expires_at"), (KEY, "kid")):
        with pytest.raises(AttributeError):
            setattr(thing, name, "other")
        assert not hasattr(thing, "__dict__")


def test_the_private_half_of_a_key_does_not_show_itself() -> None:
    assert str(KEY.key.as_dict(private=True)["d"]) not in repr(KEY)
    assert "key=" not in repr(KEY)


def test_an_old_key_is_kept_to_the_second_until_its_last_token_has_ended_and_an_hour_more() -> None:
    old, heir = SigningKey.new("ES256", NOON), SigningKey.new("ES256", NOON + TERM)
    over = NOON + TERM + NOTICE + LIFE + timedelta(hours=1)
    assert signers(old, heir).spent(over - timedelta(seconds=1)) == []
    assert signers(old, heir).spent(over) == [old]


def test_a_token_says_which_client_it_is_for_and_has_a_name_nobody_guesses() -> None:
    token, _ = signers().issue(new_id(), new_id(), NOON)
    body = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    assert claims["client_id"] == "ojas"
    assert len(claims["jti"]) == 16  # 96 bits
