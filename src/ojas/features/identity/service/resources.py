"""Persons, professionals and organisations as FHIR R4: Patient, Practitioner, Organization; both ways.

What R4 has no element for (occupation, smoking, insurance) stays in the profile: other resources are its place. A resource
that says more than a profile can hold is kept whole by ``record``; here it gives what fits, and what does not is left out.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from ojas.features.identity.schemas import (
    Address,
    Email,
    Gender,
    Identifier,
    Organisation,
    OrganisationDraft,
    Professional,
    ProfileDraft,
    Telephone,
)

Resource = dict[str, Any]

_BIRTH_SEX = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
_REGISTRATION = "http://terminology.hl7.org/CodeSystem/v2-0203"
_ORGANISATION_TYPES = "http://terminology.hl7.org/CodeSystem/organization-type"
_USES = {"mobile": "mobile", "home": "home", "work": "work"}
_KINDS = {"hospital": "prov", "clinic": "prov", "practice": "prov", "insurer": "ins", "family": "other"}


def to_patient(person_id: UUID, profile: ProfileDraft, *, languages: tuple[str, ...] = ()) -> Resource:
    """The person as a Patient; ``languages`` are BCP 47, the preferred one first."""
    extension = []
    if profile.sex_at_birth:
        extension.append({"url": _BIRTH_SEX, "valueCode": profile.sex_at_birth[0].upper()})
    return _without_empty(
        {
            "resourceType": "Patient",
            "id": str(person_id),
            "extension": extension,
            "identifier": [one.model_dump() for one in profile.identifiers],
            "name": [_name(profile)],
            "telecom": _telecom(profile),
            "gender": profile.gender,
            "birthDate": profile.date_of_birth.isoformat() if profile.date_of_birth else None,
            "address": [_address(profile.address)] if profile.address else [],
            "communication": [
                _without_empty(
                    {
                        "language": {"coding": [{"system": "urn:ietf:bcp:47", "code": code}]},
                        "preferred": True if place == 0 else None,
                    }
                )
                for place, code in enumerate(languages)
            ],
        }
    )


def from_patient(resource: Mapping[str, Any], onto: ProfileDraft | None = None) -> ProfileDraft:
    """What a Patient says, written over ``onto``; what it does not say stays as it was there."""
    said: dict[str, Any] = {
        **_named(resource),
        **_reached(resource),
        "gender": _one(Gender, resource.get("gender")),
        "sex_at_birth": _birth_sex(resource),
        # FHIR allows a year alone; a birthday that is guessed would shift ages and ranges.
        "date_of_birth": _one(date, resource.get("birthDate")),
        "identifiers": _several(Identifier, resource.get("identifier"), ("system", "value")),
    }
    return _onto(onto, said)


def to_practitioner(person_id: UUID, profile: ProfileDraft) -> Resource:
    """A doctor or therapist as a Practitioner."""
    work = profile.professional or Professional()
    identifier = [one.model_dump() for one in profile.identifiers]
    if work.registration_number:
        coding = {"system": _REGISTRATION, "code": "MD", "display": "Medical License number"}
        identifier.append({"type": {"coding": [coding]}, "value": work.registration_number})
    return _without_empty(
        {
            "resourceType": "Practitioner",
            "id": str(person_id),
            "identifier": identifier,
            "active": True,
            "name": [_name(profile)],
            "telecom": _telecom(profile),
            "gender": profile.gender,
            "birthDate": profile.date_of_birth.isoformat() if profile.date_of_birth else None,
            "address": [{"use": "work", **_address(work.practice)}] if work.practice else [],
            "qualification": [
                {"code": {"text": text}} for text in (work.qualification, work.specialty) if text
            ],
        }
    )


def from_practitioner(resource: Mapping[str, Any], onto: ProfileDraft | None = None) -> ProfileDraft:
    """What a Practitioner says, written over ``onto``."""
    identifiers = _mappings(resource.get("identifier"))
    registered = [each for each in identifiers if _registered(each)]
    texts = [_mapping(each.get("code")).get("text") for each in _mappings(resource.get("qualification"))]
    names = [_trimmed(text, 200) for text in texts if isinstance(text, str) and text.strip()]
    reached = _reached(resource)
    before = (onto.professional if onto else None) or Professional()
    work = before.model_copy(
        update=_without_empty(
            {
                "qualification": names[0] if names else None,
                "specialty": names[1] if len(names) > 1 else None,
                "registration_number": _trimmed(registered[0].get("value"), 100) if registered else None,
                "practice": reached.pop("address"),
            }
        )
    )
    others = [each for each in identifiers if each not in registered]
    said = {
        **_named(resource),
        **reached,
        "gender": _one(Gender, resource.get("gender")),
        "date_of_birth": _one(date, resource.get("birthDate")),
        "identifiers": _several(Identifier, others, ("system", "value")),
        "professional": work,
    }
    return _onto(onto, said)


def to_organisation(organisation: Organisation) -> Resource:
    """A clinic, hospital, practice … as an Organization."""
    code = _KINDS.get(organisation.kind, "other")
    telecom = [
        {"system": system, "value": value}
        for system, value in (("phone", organisation.phone), ("email", organisation.email))
        if value
    ]
    return _without_empty(
        {
            "resourceType": "Organization",
            "id": str(organisation.id),
            "meta": {"versionId": str(organisation.version)},
            "identifier": [one.model_dump() for one in organisation.identifiers],
            "active": organisation.active,
            "type": [{"coding": [{"system": _ORGANISATION_TYPES, "code": code}], "text": organisation.kind}],
            "name": organisation.name,
            "telecom": telecom,
            "address": [_address(organisation.address)] if organisation.address else [],
        }
    )


def from_organisation(resource: Mapping[str, Any]) -> OrganisationDraft | None:
    """What an Organization says; None where it does not even say its name."""
    name = _trimmed(resource.get("name"), 200)
    if not name:
        return None
    texts = [each.get("text") for each in _mappings(resource.get("type"))]
    reached = _reached(resource)
    phones = reached["phones"]
    kinds = OrganisationDraft.model_fields["kind"].annotation
    return OrganisationDraft(
        name=name,
        kind=next((kind for text in texts if (kind := _one(kinds, text))), "clinic"),
        phone=phones[0].number if phones else None,
        email=reached["email"],
        address=reached["address"],
        identifiers=_several(Identifier, resource.get("identifier"), ("system", "value")),
        active=resource.get("active") is not False,
    )


def _name(profile: ProfileDraft) -> Resource:
    given = profile.given_name.split() if profile.given_name else []
    return _without_empty(
        {"use": "official", "text": profile.name, "family": profile.family_name, "given": given}
    )


def _named(resource: Mapping[str, Any]) -> dict[str, Any]:
    names = _mappings(resource.get("name"))
    names.sort(key=lambda name: name.get("use") != "official")
    for name in names:
        given = " ".join(_texts(name.get("given")))
        family = name.get("family") if isinstance(name.get("family"), str) else ""
        whole = name.get("text") if isinstance(name.get("text"), str) else f"{given} {family}"
        if text := _trimmed(whole, 200):
            return {
                "name": text,
                "given_name": _trimmed(given, 200),
                "family_name": _trimmed(family, 200),
            }
    return {}


def _telecom(profile: ProfileDraft) -> list[Resource]:
    found: list[Resource] = [
        {"system": "phone", "value": phone.number, "use": _USES[phone.type]} for phone in profile.phones
    ]
    return found + ([{"system": "email", "value": profile.email}] if profile.email else [])


def _reached(resource: Mapping[str, Any]) -> dict[str, Any]:
    phones, emails = [], []
    for point in _mappings(resource.get("telecom")):
        value = re.sub(r"^(tel|mailto):", "", str(point.get("value") or ""))
        if point.get("system") in ("phone", "sms"):
            kind = point.get("use") if point.get("use") in _USES else "mobile"
            phones.append({"number": value, "type": kind})
        elif point.get("system") == "email":
            emails.append(value)
    address = next(iter(_mappings(resource.get("address"))), None)
    return {
        "phones": _several(Telephone, phones, ("number", "type"))[:5],
        "email": next((email for text in emails if (email := _one(Email, text))), None),
        "address": _addressed(address) if address else None,
    }


def _address(address: Address) -> Resource:
    return _without_empty(
        {
            "line": list(address.lines),
            "city": address.city,
            "state": address.state,
            "postalCode": address.postal_code,
            "country": address.country,
        }
    )


def _addressed(address: Mapping[str, Any]) -> Address | None:
    lines = [text for line in _texts(address.get("line")) if (text := _trimmed(line, 200))]
    if not lines and (text := _trimmed(address.get("text"), 200)):
        lines = [text]
    found = Address(
        lines=lines[:5],
        city=_trimmed(address.get("city"), 200),
        state=_trimmed(address.get("state"), 200),
        postal_code=_trimmed(address.get("postalCode"), 100),
        country=_trimmed(address.get("country"), 100),
    )
    return found if found != Address() else None


def _birth_sex(resource: Mapping[str, Any]) -> str | None:
    for extension in _mappings(resource.get("extension")):
        if extension.get("url") == _BIRTH_SEX:
            return {"M": "male", "F": "female"}.get(str(extension.get("valueCode")))
    return None


def _registered(identifier: Mapping[str, Any]) -> bool:
    codings = _mappings(_mapping(identifier.get("type")).get("coding"))
    return any(coding.get("system") == _REGISTRATION and coding.get("code") == "MD" for coding in codings)


def _onto(onto: ProfileDraft | None, said: Mapping[str, Any]) -> ProfileDraft:
    known = {name: value for name, value in said.items() if value not in (None, [])}
    return (onto or ProfileDraft(name="?")).model_copy(update=known)


def _one(kind: Any, value: Any) -> Any:
    """``value`` as ``kind``, or None where it does not fit."""
    try:
        # Lax: a date comes as text here.
        return TypeAdapter(kind).validate_python(value)
    except ValidationError:
        return None


def _several(kind: Any, values: Any, names: tuple[str, ...]) -> list[Any]:
    """Those of ``values`` that fit ``kind``, each once, reduced to ``names``."""
    found = []
    for value in _mappings(values):
        one = _one(kind, {name: value[name] for name in names if name in value})
        if one is not None and one not in found:
            found.append(one)
    return found[:20]


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _trimmed(value: Any, most: int) -> str | None:
    """Text without control characters, spaces doubled, or what is too long; None if nothing is left."""
    if not isinstance(value, str):
        return None
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())[:most].strip() or None


def _without_empty(resource: Resource) -> Resource:
    return {name: value for name, value in resource.items() if value not in (None, [], {})}
