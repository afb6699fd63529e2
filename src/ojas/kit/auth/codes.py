"""Codes a person types: six digits from an authenticator (RFC 6238), and recovery codes for the day it is lost."""

import hmac
import re
import secrets
from datetime import datetime
from hashlib import sha256

import pyotp
import qrcode

STEP_S = 30
RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstvwxyz0123456789"  # Crockford's: no i, l, o, u to misread
_GROUPS, _GROUP = 4, 4


def new_secret() -> str:
    """160 random bits in base32, as RFC 4226 recommends."""
    return pyotp.random_base32(32)


def code_at(secret: str, at: datetime) -> str:
    """The six digits of an instant."""
    return pyotp.TOTP(secret, interval=STEP_S).at(at)


def step_of(secret: str, code: str, at: datetime, *, after: int) -> int | None:
    """The time step ``code`` belongs to, or None if it is wrong.

    One step early or late is forgiven (a slow typist, a slow clock). Steps up to ``after``, the last one used, are not
    taken again, so that a code seen over a shoulder is worth nothing.
    """
    digits = "".join(code.split())
    if not re.fullmatch(r"[0-9]{6}", digits):
        return None
    totp = pyotp.TOTP(secret, interval=STEP_S)
    now = int(at.timestamp()) // STEP_S
    found = None
    for step in (now - 1, now, now + 1):
        # Every one is compared, so that the time does not tell which.
        if hmac.compare_digest(totp.generate_otp(step), digits) and step > after:
            found = step
    return found


def enrolment_uri(secret: str, *, account: str, issuer: str) -> str:
    """What an authenticator app reads: otpauth://totp/…"""
    return pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=account, issuer_name=issuer)


def qr_svg(text: str) -> str:
    """A QR code as one path of SVG, in the text's colour, without styles a strict page would refuse."""
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=4)
    code.add_data(text)
    matrix = code.get_matrix()
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark)
    size = len(matrix)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path fill="#000" d="{path}"/></svg>'
    )


def new_recovery_codes() -> list[str]:
    """Ten codes of 80 bits each, such as 4k2p-9x7e-…, shown once."""
    return [
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
        for _ in range(RECOVERY_CODES)
    ]


def recovery_digest(key: bytes, account: bytes, code: str) -> bytes:
    """What is kept of a recovery code, however it is typed (case, hyphens, o for 0, i and l for 1).

    Keyed with a secret of the installation: 80 bits would stand against guessing alone, but not by the margin that
    OWASP ASVS 5.0 6.5.2 asks of plain hashes (112).
    """
    plain = re.sub(r"[\W_]", "", code.casefold()).translate(str.maketrans("oil", "011"))
    return hmac.digest(key, account + plain.encode(), sha256)
