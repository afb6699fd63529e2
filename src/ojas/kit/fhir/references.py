"""What a Reference points to: in here, in this Bundle, on this server, elsewhere, or whatever a search finds."""

import re
from dataclasses import dataclass
from typing import Literal

from ojas.kit.fhir import grammar

Kind = Literal["contained", "relative", "absolute", "urn", "conditional", "other"]

_LITERAL = re.compile(
    r"(?:(?P<base>https?://\S+?)/)?(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9.-]{1,64})"
    r"(?:/_history/(?P<version>[A-Za-z0-9.-]{1,64}))?"
)
_SEARCH = re.compile(r"(?P<type>[A-Z][A-Za-z]+)\?(?P<query>\S+)")


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference, taken apart. ``id`` is the fragment of a contained one and the whole of a urn."""

    kind: Kind
    id: str
    type: str | None = None
    base: str | None = None
    version: str | None = None


def parse(text: str) -> Reference:
    """Read ``Reference.reference``.

    #x is contained; Patient/1 relative; https://host/fhir/Patient/1/_history/2 absolute; urn:uuid:… a urn;
    Patient?identifier=… conditional, as transactions may say. Anything else is other: kept, and led nowhere.
    """
    if text.startswith("#"):
        return Reference("contained", text[1:])
    if text.startswith("urn:"):
        return Reference("urn", text)
    if (found := _LITERAL.fullmatch(text)) and found["type"] in grammar.resources():
        kind: Kind = "absolute" if found["base"] else "relative"
        return Reference(kind, found["id"], found["type"], found["base"], found["version"])
    if (search := _SEARCH.fullmatch(text)) and search["type"] in grammar.resources():
        return Reference("conditional", search["query"], search["type"])
    return Reference("other", text)
