"""What is a resource of FHIR R4 and what is not."""

import json
import re
from typing import Any

from ojas.features.connections.rules import Refused, Resource
from ojas.kit.errors import Fault
from ojas.kit.fhir import grammar
from ojas.kit.i18n import N_

NO_RESOURCE = Fault("It is no FHIR resource: it does not name its type.")
UNKNOWN = N_("FHIR R4 has no resource of the type {type}.")
DAMAGED = Fault("Some of its letters are damaged.")
NO_JSON = Fault("It is no JSON.")
DEEP = Fault("It is nested too deeply.")


def _refuse(name: str) -> Any:
    raise ValueError(name)


# NaN and Infinity are no JSON, though Python reads them.
DECODER = json.JSONDecoder(parse_constant=_refuse)


def parsed(raw: bytes, where: str) -> Resource | Refused:
    """One resource from the whole of a small file."""
    try:
        text = raw.decode("utf-8-sig").strip()
        content = DECODER.decode(text)
    except ValueError:
        return Refused(NO_JSON, where)
    except RecursionError:
        return Refused(DEEP, where)
    return resource(content, text, "", where)


def resource(content: object, text: str, url: str, where: str) -> Resource | Refused:
    """``content`` is what ``text`` says; both are kept, since a number's written digits carry its precision."""
    if not isinstance(content, dict) or not isinstance(content.get("resourceType"), str):
        return Refused(NO_RESOURCE, where)
    type_, id_ = content["resourceType"], content.get("id")
    if type_ not in grammar.resources():
        return Refused(Fault(UNKNOWN, params={"type": type_[:64]}), where)
    name = f"{type_}/{id_[:64]}" if isinstance(id_, str) else type_
    if "\ufffd" in text and _damaged(text):
        return Refused(DAMAGED, name)
    return Resource(content=content, text=text, url=url, where=name)


def _damaged(text: str) -> bool:
    # A lone U+FFFD may have been written on purpose, in a narrative; in data it never is.
    return "\ufffd" in re.sub(r'"div"\s*:\s*"(?:[^"\\]|\\.)*"', "", text)
