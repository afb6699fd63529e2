"""What may stand on an emergency card: only what a stranger who helps needs, each part by the person's own choice."""

from collections.abc import Mapping
from enum import StrEnum

from ojas.kit.i18n import N_


class Part(StrEnum):
    """A part of the card, in the order in which it is read."""

    NAME = "name"
    AGE = "age"
    BLOOD = "blood"
    ALLERGIES = "allergies"
    CONDITIONS = "conditions"
    MEDICINES = "medicines"
    IMPLANTS = "implants"
    NOTES = "notes"
    CONTACTS = "contacts"
    LANGUAGES = "languages"
    DONOR = "donor"


PARTS: Mapping[Part, str] = {
    Part.NAME: N_("Name"),
    Part.AGE: N_("Age and year of birth"),
    Part.BLOOD: N_("Blood group"),
    Part.ALLERGIES: N_("Allergies"),
    Part.CONDITIONS: N_("Conditions"),
    Part.MEDICINES: N_("Medicines now"),
    Part.IMPLANTS: N_("Implants and devices"),
    Part.NOTES: N_("What helpers should know"),
    Part.CONTACTS: N_("Whom to call"),
    Part.LANGUAGES: N_("Languages spoken"),
    Part.DONOR: N_("Organ donor"),
}

USUAL = frozenset(Part) - {Part.DONOR}
"""What is on until the person says otherwise; conditions show only those the person picked."""

FROM: Mapping[Part, str] = {
    Part.NAME: "profile",
    Part.AGE: "profile",
    Part.BLOOD: "profile",
    Part.ALLERGIES: "record",
    Part.CONDITIONS: "record",
    Part.MEDICINES: "medications",
}
"""Parts that are read from elsewhere, by scope: they come on a card only by somebody who may see them there."""

DONOR: Mapping[str, str] = {"yes": N_("Yes"), "no": N_("No"), "ask": N_("Ask the family")}
