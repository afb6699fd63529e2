"""Passkeys (W3C Web Authentication level 2): the two ceremonies as questions and answers.

Each ``…_options`` answers what the browser is asked, and the challenge to keep until it replies; ``registered`` and
``authenticated`` judge the reply. The user must be verified by the authenticator (finger, face, PIN): so a passkey alone is
two factors.
"""

import json
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import webauthn
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from ojas.kit.errors import Incorrect

_TIMEOUT_MS = 120_000
_LONGEST = 16_384

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who asks: the host name passkeys are bound to, its name for people, the origins replies may come from."""

    id: str
    name: str
    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Passkey:
    """What is kept of a passkey. ``count`` grows with each use on authenticators that count."""

    credential_id: bytes
    public_key: bytes
    count: int


@dataclass(frozen=True, slots=True)
class Question:
    """What the browser is asked (JSON for navigator.credentials), and the challenge its reply must carry."""

    options: dict[str, Any]
    challenge: bytes


def registration_options(
    party: RelyingParty, *, handle: bytes, name: str, label: str, known: Sequence[bytes] = ()
) -> Question:
    """Ask for a new passkey.

    Args:
        handle: the account's id, which tells nothing; name, label: what the authenticator shows.
        known: credential ids the account has, so that one device is not registered twice.
    """
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=handle,
        user_name=name,
        user_display_name=label,
        timeout=_TIMEOUT_MS,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=known_id) for known_id in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    return Question(json.loads(webauthn.options_to_json(options)), options.challenge)


def registered(party: RelyingParty, reply: dict[str, Any], challenge: bytes) -> Passkey:
    """The passkey a browser made.

    Raises:
        Incorrect: the reply is not to this question, or not whole.
    """
    verified = _judged(
        lambda: webauthn.verify_registration_response(
            credential=_bounded(reply),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            require_user_verification=True,
        )
    )
    return Passkey(
        verified.credential_id,
        verified.credential_public_key,
        verified.sign_count,
    )


def authentication_options(party: RelyingParty, known: Sequence[bytes] = ()) -> Question:
    """Ask for a proof; with no ``known`` credential ids, any passkey the device holds for us."""
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        timeout=_TIMEOUT_MS,
        allow_credentials=[PublicKeyCredentialDescriptor(id=known_id) for known_id in known],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return Question(json.loads(webauthn.options_to_json(options)), options.challenge)


def authenticated(
    party: RelyingParty, reply: dict[str, Any], challenge: bytes, *, public_key: bytes, count: int
) -> int:
    """The passkey's new count.

    Raises:
        Incorrect: the proof is wrong, for another question, or the count went back (a copied key).
    """
    verified = _judged(
        lambda: webauthn.verify_authentication_response(
            credential=_bounded(reply),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            credential_public_key=public_key,
            credential_current_sign_count=count,
            require_user_verification=True,
        )
    )
    return int(verified.new_sign_count)


def credential_id_of(reply: dict[str, Any]) -> bytes:
    """Which passkey a reply claims to be of.

    Raises:
        Incorrect: none.
    """
    return _judged(lambda: base64url_to_bytes(str(reply["rawId"])))


def challenge_of(reply: dict[str, Any]) -> bytes:
    """Which question a reply claims to answer; to find what was kept of it.

    Raises:
        Incorrect: none.
    """

    def read() -> bytes:
        client = json.loads(base64url_to_bytes(reply["response"]["clientDataJSON"]))
        return base64url_to_bytes(client["challenge"])

    return _judged(read)


def encoded(data: bytes) -> str:
    """Bytes as the browser's JSON has them: base64url, unpadded."""
    return bytes_to_base64url(data)


def _bounded(reply: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(reply)) > _LONGEST:
        raise ValueError("too long")
    return reply


def _judged(judge: Callable[[], T]) -> T:
    # Beside its own, the library lets through what its parsers and cryptography raise on malformed bytes.
    try:
        return judge()
    except (
        WebAuthnException,
        InvalidSignature,
        UnsupportedAlgorithm,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        OverflowError,
        RecursionError,
        struct.error,
    ) as problem:
        raise Incorrect("This passkey could not be checked. Try again, or sign in another way.") from problem
