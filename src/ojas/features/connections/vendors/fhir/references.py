"""Who the file is about, and the addresses its resources get in this person's record.

Inside a file resources name each other by ``urn:uuid:``, by absolute address or by ``Type/id``. Here each gets an id made
from where it came from, so the same file again, or a newer export of the same system, meets what it brought before.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from ojas.features.connections.rules import Refused, Resource
from ojas.kit.errors import Fault
from ojas.kit.fhir import grammar

OTHER = Fault("It belongs to another person than the one this file is mostly about.")

_SUBJECT = ("subject", "patient", "beneficiary", "individual", "for")
_REFERENCE = re.compile(r'"reference"(\s*:\s*)"((?:[^"\\]|\\.)*)"')
_RELATIVE = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?")
_ABSOLUTE = re.compile(r"(https?://.+/)" + _RELATIVE.pattern)
_CONDITIONAL = re.compile(r"([A-Z][A-Za-z]+)\?identifier=([^|&]*)\|([^&]+)")


@dataclass(slots=True)
class Plan:
    """What a first look at the file found: its resources' addresses, and the patient most is about."""

    person_id: UUID
    addresses: dict[str, str] = field(default_factory=dict)
    """``fullUrl`` and ``Type/id`` inside the file → ``Type/id`` here."""
    by_identifier: dict[tuple[str, str, str], str] = field(default_factory=dict)
    patients: Counter[str] = field(default_factory=Counter)
    scope: str = ""
    """What tells ``Observation/1`` of this file from that of another: the patient's own identity in it."""
    patient: str | None = None

    def notice(self, one: Resource) -> None:
        type_, id_ = one.content["resourceType"], one.content.get("id")
        name = f"{type_}/{id_}" if isinstance(id_, str) else ""
        if type_ == "Patient":
            self.patients[one.url or name] += 1
            if name and one.url and one.url != name:
                self.addresses[name] = one.url
            self.scope = self.scope or _identity(one)
        else:
            for subject in _subjects_of(one.content):
                self.patients[subject] += 1_000 if type_ == "Composition" else 1
        if one.url and type_ != "Patient":
            self.addresses[one.url] = f"{type_}/{self.id_for(one)}"
            if name:
                self.addresses.setdefault(name, self.addresses[one.url])
        for system, value in _identifiers(one.content):
            self.by_identifier.setdefault((type_, system, value), one.url or name)

    def settle(self) -> None:
        """Decide who the file is about, once all of it was seen. Without a patient it is about nobody else."""
        merged: Counter[str] = Counter()
        for url, count in self.patients.items():
            if (name := self._patient_url(url)) not in self.addresses:
                merged[name] += count
        self.patients = merged
        if merged:
            self.patient = merged.most_common(1)[0][0]

    def id_for(self, one: Resource) -> UUID:
        """The id this resource has in the person's record: the same for the same origin, another for another person."""
        if ":" in one.url:
            return uuid5(self.person_id, one.url)
        id_ = one.content.get("id")
        if isinstance(id_, str):
            return self._local_id(one.content["resourceType"], id_)
        return uuid5(self.person_id, one.text)

    def _local_id(self, type_: str, id_: str) -> UUID:
        try:
            return uuid5(self.person_id, f"urn:uuid:{UUID(id_)}")
        except ValueError:
            return uuid5(self.person_id, f"{self.scope}|{type_}/{id_}")

    def placed(self, one: Resource) -> Resource | Refused:
        """The resource as it will stand here: its id and its references rewritten, everything else as written."""
        type_ = one.content["resourceType"]
        if type_ == "Patient":
            if self._patient_url(one.url or f"Patient/{one.content.get('id')}") != self.patient:
                return Refused(OTHER, one.where)
            id_ = str(self.person_id)
        else:
            subjects = _subjects_of(one.content)
            if subjects and all(map(self._is_other, subjects)):
                return Refused(OTHER, one.where)
            id_ = str(self.id_for(one))
        text = _with_id(_REFERENCE.sub(self._reference, one.text), id_)
        return Resource(content=json.loads(text), text=text, url=one.url, where=one.where)

    def _reference(self, match: re.Match[str]) -> str:
        between, target = match[1], json.loads(f'"{match[2]}"')
        if conditional := _CONDITIONAL.fullmatch(target):
            type_, system, value = conditional.groups()
            inside = self.by_identifier.get((type_, system, value))
            if inside is None:
                return f'"identifier"{between}{json.dumps({"system": system, "value": value}, ensure_ascii=False)}'
            target = inside
        return f'"reference"{between}{json.dumps(self._address(target), ensure_ascii=False)}'

    def _address(self, target: str) -> str:
        if target.startswith("#"):
            return target
        if self._patient_url(target) == self.patient:
            return f"Patient/{self.person_id}"
        if known := self.addresses.get(target):
            return known if ":" not in known else self._address(known)
        # Not in this file: the id it would get, so that it is found once it is imported too.
        if absolute := _ABSOLUTE.fullmatch(target):
            return f"{absolute[2]}/{uuid5(self.person_id, absolute[1] + absolute[2] + '/' + absolute[3])}"
        if (relative := _RELATIVE.fullmatch(target)) and relative[1] in grammar.resources():
            return f"{relative[1]}/{self._local_id(relative[1], relative[2])}"
        return target

    def _is_other(self, subject: str) -> bool:
        # A subject may be a group, a device or a place; then it has an address here.
        url = self._patient_url(subject)
        return url not in self.addresses and url != self.patient

    def _patient_url(self, reference: str) -> str:
        """One spelling for the ways a file names a patient."""
        if conditional := _CONDITIONAL.fullmatch(reference):
            reference = self.by_identifier.get((conditional[1], conditional[2], conditional[3]), reference)
        if reference.startswith("Patient/"):
            return self.addresses.get(reference, reference)
        return reference


def _subjects_of(content: Mapping[str, Any]) -> list[str]:
    """The patient a resource is about, as the file refers to them; of an appointment, all who come."""
    if content.get("resourceType") == "Appointment":
        told = content.get("participant")
        actors = [one.get("actor") for one in told if isinstance(one, dict)] if isinstance(told, list) else []
        return [reference for actor in actors if (reference := _patient(actor, "actor"))]
    return [reference for name in _SUBJECT if (reference := _patient(content.get(name), name))][:1]


def _patient(held: Any, name: str) -> str | None:
    reference = held.get("reference") if isinstance(held, dict) else None
    return reference if isinstance(reference, str) and _may_be_patient(reference, name) else None


def _may_be_patient(reference: str, member: str) -> bool:
    if re.match(r"(?:.*/)?Patient[/?]", reference):
        return True
    return reference.startswith("urn:") and member in ("subject", "patient", "beneficiary")


def _identity(patient: Resource) -> str:
    written = [f"{system}|{value}" for system, value in _identifiers(patient.content)]
    return ";".join(sorted(written)) or str(patient.content.get("id", ""))


def _identifiers(content: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    held = content.get("identifier")
    for one in held if isinstance(held, list) else []:
        if isinstance(one, dict) and isinstance(one.get("system"), str) and isinstance(one.get("value"), str):
            yield one["system"], one["value"]


_MEMBER = re.compile(r'"((?:[^"\\]|\\.)*)"\s*:\s*')
_DECODER = json.JSONDecoder()


def _with_id(text: str, id_: str) -> str:
    """The object's text with its own ``id`` set; those of inner objects are none of its."""
    at = 1
    while match := _MEMBER.search(text, at):
        start = match.end()
        _, end = _DECODER.raw_decode(text, start)
        if match[1] == "id":
            return f'{text[:start]}"{id_}"{text[end:]}'
        at = end
    return f'{{"id":"{id_}",{text[1:]}'
