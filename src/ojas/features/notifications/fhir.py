"""A message as FHIR R4 Communication, for export and for its reader."""

from typing import Any
from uuid import UUID

from ojas.features.identity.rules import PROFESSIONS
from ojas.features.identity.schemas import AccountCard
from ojas.features.notifications.rules import Channel, State, Topic, Urgency
from ojas.features.notifications.schemas import Message, Recipient

Resource = dict[str, Any]

_KINDS = "https://ojas.example/fhir/CodeSystem/message-kind"
_ACCOUNTS = "https://ojas.example/fhir/account"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/communication-category"
_MODES = "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode"
_MODE_OF = {
    Channel.IN_APP: "ONLINEWRIT",
    Channel.PUSH: "ONLINEWRIT",
    Channel.EMAIL: "EMAILWRIT",
    Channel.SMS: "WRITTEN",
    Channel.CALL: "PHONE",
    Channel.WEBHOOK: "ELECTRONIC",
}
_PRIORITY = {Urgency.HIGH: "urgent", Urgency.URGENT: "asap", Urgency.EMERGENCY: "stat"}


def communication(message: Message, to: Recipient, language: str) -> Resource:
    """A message to one reader, in the language its words are in."""
    ways = [one for one in message.deliveries if one.state is State.HANDED]
    found: Resource = {
        "resourceType": "Communication",
        "id": str(message.id),
        "language": language,
        "status": _status(message),
        "category": [{"coding": [{"system": _CATEGORY, "code": _category(message)}]}],
        "priority": _PRIORITY.get(message.urgency, "routine"),
        "subject": {"reference": f"Patient/{message.person_id}"},
        "topic": {"coding": [{"system": _KINDS, "code": message.kind}], "text": message.title},
        "recipient": [_recipient(message.person_id, to)],
        "sender": {"type": "Device", "display": "Ojas"},
        "sent": min([one.handed_at for one in ways if one.handed_at], default=message.created_at).isoformat(),
        "payload": [{"contentString": text} for text in (message.title, message.text) if text],
    }
    if modes := sorted({_MODE_OF[one.channel] for one in ways}):
        found["medium"] = [{"coding": [{"system": _MODES, "code": code}]} for code in modes]
    if message.read_at:
        found["received"] = message.read_at.isoformat()
    if found["status"] == "not-done":
        answers = [one.answer for one in message.deliveries if one.answer]
        found["statusReason"] = {"text": answers[-1] if answers else "It could not be handed over."}
    return found


def _status(message: Message) -> str:
    states = {one.state for one in message.deliveries}
    if message.read_at or State.HANDED in states:
        return "completed"
    if State.WAITING in states or not states:
        return "in-progress"
    return "stopped" if states == {State.HUSHED} else "not-done"


def _category(message: Message) -> str:
    if message.urgency.insists:
        return "alert"
    return "reminder" if message.topic in (Topic.MEDICATION, Topic.APPOINTMENT) else "notification"


def _recipient(person_id: UUID, to: Recipient) -> Resource:
    """The person themselves by reference; others by what they are and their name."""
    card = to.account
    if card is None:
        return {"type": "RelatedPerson", "display": to.name or "?"}
    if card.person_id == person_id:
        return {"reference": f"Patient/{person_id}", "display": card.name}
    return {
        "type": _sort(card),
        "identifier": {"system": _ACCOUNTS, "value": str(card.account_id)},
        "display": card.name,
    }


def _sort(card: AccountCard) -> str:
    return "Practitioner" if card.roles & PROFESSIONS else "RelatedPerson"
