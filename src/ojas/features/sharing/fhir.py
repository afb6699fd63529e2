"""Grants as Consent, the care team as CareTeam: FHIR R4, for export."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from ojas.features.sharing.schemas import CareTeamMemberView, GrantView

Resource = dict[str, Any]

_STATUS = {
    "invited": "proposed",
    "waiting": "active",
    "active": "active",
    "ended": "inactive",
    "taken_back": "inactive",
    "left": "inactive",
    "declined": "rejected",
    "lapsed": "inactive",
    "closed": "inactive",
}
_CONSENT_SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"
_ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
_ACTION = "http://terminology.hl7.org/CodeSystem/consentaction"
_SCOPES = "https://ojas.example/fhir/CodeSystem/scope"


def consent(grant: GrantView) -> Resource:
    """A grant as Consent: deny all but what the provision permits."""
    provision: Resource = {
        "type": "permit",
        "period": _period(grant.starts_at, grant.revoked_at or grant.ends_at),
        "action": [{"coding": [{"system": _ACTION, "code": code}]} for code in _actions(grant)],
        "purpose": [{"system": _ACT_REASON, "code": grant.purpose}],
        "class": [{"system": _SCOPES, "code": scope} for scope in grant.scopes],
        "actor": [
            {
                "role": {
                    "coding": [
                        {
                            "system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType",
                            "code": "IRCP",
                        }
                    ]
                },
                "reference": {"display": grant.name or grant.email or "?"},
            }
        ],
    }
    return {
        "resourceType": "Consent",
        "id": str(grant.id),
        "status": _STATUS[grant.status],
        "scope": {"coding": [{"system": _CONSENT_SCOPE, "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "patient": {"reference": f"Patient/{grant.person_id}"},
        "dateTime": grant.created_at.isoformat(),
        "policyRule": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "OPTOUT"}]
        },
        "provision": provision,
    }


def care_team(person_id: UUID, members: Iterable[CareTeamMemberView]) -> Resource:
    """All who look after a person as one CareTeam; the primary ones first."""
    ordered = sorted(members, key=lambda member: (not member.is_primary, member.created_at))
    participants = [
        {
            "role": [{"text": "primary " + member.role if member.is_primary else member.role}],
            "member": {"display": member.name},
        }
        | ({"onBehalfOf": {"display": member.organisation}} if member.organisation else {})
        for member in ordered
    ]
    found: Resource = {
        "resourceType": "CareTeam",
        "id": str(person_id),
        "status": "active",
        "subject": {"reference": f"Patient/{person_id}"},
    }
    return found | ({"participant": participants} if participants else {})


def _actions(grant: GrantView) -> list[str]:
    return ["access", "correct"] if grant.may_write else ["access"]


def _period(start: datetime, end: datetime | None) -> Resource:
    # A grant taken back before it began never applied: FHIR wants start before end.
    end = max(start, end) if end else None
    return {"start": start.isoformat()} | ({"end": end.isoformat()} if end else {})
