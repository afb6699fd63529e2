"""A refusal as FHIR says it: OperationOutcome, in the caller's language."""

from typing import Any

from ojas.kit import i18n
from ojas.kit.errors import Fault, Refusal

_CODES = {
    "incorrect": "invalid",
    "unauthenticated": "login",
    "forbidden": "forbidden",
    "not-found": "not-found",
    "conflict": "conflict",
    "stale": "conflict",
    "too-large": "too-long",
    "too-many": "throttled",
    "unavailable": "transient",
}
"""Our categories to HL7's issue-type codes; a bug is an exception."""


def outcome(refusal: Refusal) -> dict[str, Any]:
    """The OperationOutcome of a refusal: an issue a fault, each with the element it is about."""
    code = _CODES.get(refusal.code, "exception")
    return {
        "resourceType": "OperationOutcome",
        "issue": [_issue(fault, code) for fault in refusal.faults],
    }


def _issue(fault: Fault, code: str) -> dict[str, Any]:
    issue: dict[str, Any] = {
        "severity": "error",
        "code": code,
        "details": {"text": i18n.say(fault.message, fault.params)},
    }
    return issue | ({"expression": [fault.field]} if fault.field else {})
