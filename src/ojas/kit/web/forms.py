"""What somebody typed, as a model; or what is wrong with it, beside each field, in their language."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData, UploadFile

from ojas.kit import i18n
from ojas.kit.errors import Fault, Incorrect, Refusal
from ojas.kit.http.problems import fault_of
from ojas.kit.i18n import say
from ojas.kit.web import csrf

ModelT = TypeVar("ModelT", bound=BaseModel)
Values = Mapping[str, Any]
_NTH = re.compile(r"(\.\d+)+$")
"""Which of several values of a field: one field is typed, and is told."""


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with a form, and what was typed, so that the page can show both again.

    Attributes:
        values: what was typed, by field; a list where a field came several times.
        errors: one sentence a field, in the reader's language.
        top: sentences that belong to no field.
    """

    values: Values = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    top: tuple[str, ...] = ()

    @classmethod
    def of(cls, refusal: Refusal, values: Values | BaseModel | None = None) -> "Faults":
        """A refusal of the service, shown on the form that caused it."""
        kept = values.model_dump(mode="json") if isinstance(values, BaseModel) else dict(values or {})
        return cls(kept, *_sorted(refusal.faults))


async def form(request: Request, model: type[ModelT]) -> ModelT | Faults:
    """The form that was sent, as ``model``.

    An empty field counts as not sent. Names with dots are fields of fields. A wall time (``datetime-local``) is the reader's,
    in their zone. Numbers may be typed in Devanagari or Tamil digits.

    Raises:
        Forbidden: the form's token is missing or not of this session.
    """
    sent = await checked(request)
    values = typed(sent)
    try:
        return model.model_validate(_shaped(values, model), strict=False)
    except ValidationError as problem:
        faults = [fault_of(error) for error in problem.errors()]
        return Faults(values, *_sorted(faults))
    except Incorrect as refusal:
        return Faults.of(refusal, values)


async def checked(request: Request) -> FormData:
    """The raw form, once its token is verified: for uploads and buttons without fields."""
    sent = await request.form()
    token = request.headers.get(csrf.HEADER) or sent.get(csrf.FIELD) or ""
    csrf.verify(request, token if isinstance(token, str) else "")
    return sent


def pressed_at(sent: FormData, otherwise: str) -> str:
    """The page on which a button was pressed, which is where one wants to go on; where it does not say, ``otherwise``."""
    then = sent.get("then")
    return then if isinstance(then, str) and then else otherwise


def typed(sent: FormData) -> dict[str, Any]:
    """What was typed, by field, without the token, without files."""
    found: dict[str, Any] = {}
    for name in dict.fromkeys(sent.keys()):
        texts = [text for text in sent.getlist(name) if not isinstance(text, UploadFile)]
        if name != csrf.FIELD and texts:
            found[name] = texts if len(texts) > 1 else texts[0]
    return found


def _sorted(faults: tuple[Fault, ...] | list[Fault]) -> tuple[dict[str, str], tuple[str, ...]]:
    errors: dict[str, str] = {}
    for fault in faults:
        if fault.field:
            errors.setdefault(_NTH.sub("", fault.field), say(fault.message, fault.params))
    top = tuple(say(fault.message, fault.params) for fault in faults if not fault.field)
    return errors, top


def _shaped(values: Values, model: type[BaseModel]) -> dict[str, Any]:
    """Flat names as the nested mapping the model wants, each text readied for its field's type."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        *outer, last = name.split(".")
        place, kind = found, model
        for part in outer:
            if not isinstance(place.get(part), dict):  # also where a field of this name was sent
                place[part] = {}
            place = place[part]
            kind = _model_in(_annotation(kind, part)) or BaseModel
        readied = _readied(value, _annotation(kind, last))
        if readied is not None:
            place[last] = readied
    return found


def _readied(value: Any, annotation: Any) -> Any:
    kinds = _kinds(annotation)
    if kinds & {list, tuple, set, frozenset}:
        return [item for item in (value if isinstance(value, list) else [value]) if item != ""]
    text = value[-1] if isinstance(value, list) else value
    if not isinstance(text, str):
        return text
    text = text if str in kinds and "password" in str(annotation) else text.strip()
    if text == "":
        return None
    if kinds & {int, float, Decimal} and str not in kinds:
        return _digits(text)
    if datetime in kinds:
        return _zoned(text)
    return text


def _digits(text: str) -> str:
    """Digits of any script as 0 to 9, and thousands apart by spaces joined. ``१२०`` is 120."""
    ascii_digits = "".join(str(unicodedata.digit(c, c)) for c in text)
    return re.sub(r"(?<=\d)[\s\u202f](?=\d)", "", ascii_digits)


def _zoned(text: str) -> Any:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return at if at.tzinfo else at.replace(tzinfo=i18n.current().tz)


def _annotation(model: type[BaseModel], name: str) -> Any:
    for key, info in model.model_fields.items():
        if name in (key, info.alias):
            return info.annotation
    return None


def _kinds(annotation: Any) -> set[Any]:
    """The plain types an annotation allows: ``Annotated[Decimal, …] | None`` is {Decimal, NoneType}."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _kinds(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return set().union(*(_kinds(part) for part in get_args(annotation)))
    # pydantic's AwareDatetime and its like are types that stand for another
    if getattr(annotation, "__name__", "") in ("AwareDatetime", "PastDatetime", "FutureDatetime"):
        return {datetime}
    return {origin or annotation}


def _model_in(annotation: Any) -> type[BaseModel] | None:
    for kind in _kinds(annotation):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None
