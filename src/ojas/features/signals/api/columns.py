"""Columns of JSON to columns of numbers, and back. No model for each sample: 200,000 a second go through here."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

import numpy as np
import orjson
from numpy.typing import NDArray
from pydantic import ValidationError

from ojas.features.signals.rules import CONTEXTS, REASONS, STAGES
from ojas.features.signals.schemas import Batch, Blend, Kind, Outcome, SourceDraft, Statistics
from ojas.kit import units
from ojas.kit.errors import Fault, Incorrect
from ojas.kit.i18n import gettext

Floats: TypeAlias = NDArray[np.float64]

FIELDS = {"source", "unit", "zone", "start", "end", "value", "confidence", "context"}
SHOWN = 1000
"""Refusals told one by one; of more, only how many."""

_CONTEXT = {name.value: float(code) for name, code in CONTEXTS.items()}
_STAGE = {name.value: float(code) for name, code in STAGES.items()}
_NOTHING = float("nan")


@dataclass(frozen=True, slots=True)
class Message:
    """What a device posts: who it is, where it is, and a batch."""

    source: UUID | SourceDraft
    zone: str | None
    batch: Batch


def read(kind: Kind, body: bytes) -> Message:
    """A message out of its JSON.

    Raises:
        Incorrect: it is no such message; what is wrong with single items is the service's to say.
    """
    told = _object(body)
    batch = Batch(
        _numbers(told, "start"),
        _values(kind, told),
        _numbers(told, "end") if told.get("end") is not None else None,
        _optional(told, "confidence", {}, -1.0),
        _optional(told, "context", _CONTEXT, 0.0),
    )
    zone = told.get("zone")
    if zone is not None and not isinstance(zone, str):
        raise Incorrect("This must be text.", field="zone")
    return Message(_source(told.get("source")), zone, batch)


def outcome(told: Outcome) -> bytes:
    """The answer to a message."""
    refused = [
        {"index": index, "code": reason.name.lower(), "reason": gettext(REASONS[reason])}
        for index, reason in told.refused[:SHOWN]
    ]
    return orjson.dumps(
        {"stored": told.stored, "known": told.known, "refused_count": len(told.refused), "refused": refused}
    )


def window(
    kind: Kind, found: Blend, statistics: Statistics | None, silences: Sequence[tuple[int, int]]
) -> bytes:
    """Samples as columns: times in milliseconds since 1970, values in the kind's unit."""
    samples = found.samples
    columns: dict[str, Any] = {
        "kind": kind.name,
        "unit": kind.unit,
        "n": len(samples),
        "start": samples.start,
    }
    if samples.end is not None:
        columns["end"] = samples.end
    columns["value"] = _shown(kind, found)
    if samples.confidence is not None:
        columns["confidence"] = samples.confidence
    if samples.context is not None:
        names = list(_CONTEXT)
        columns["context"] = [names[code] for code in samples.context.tolist()]
    columns["statistics"] = statistics
    columns["gaps"] = silences
    return dumps(columns)


def dumps(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS)


def _shown(kind: Kind, found: Blend) -> Any:
    if kind.shape == "stage":
        names = {code: stage.value for stage, code in STAGES.items()}
        return [names[code] for code in found.samples.value.tolist()]
    if found.share is not None:
        return (found.amounts / kind.scale).round(kind.digits)
    values = found.samples.value
    whole = values // kind.scale
    # Most values are whole, and integers are written four times as fast as floats.
    return whole if np.array_equal(whole * kind.scale, values) else values / kind.scale


def _object(body: bytes) -> dict[str, Any]:
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError as problem:
        raise Incorrect("This is not JSON.") from problem
    if not isinstance(told, dict):
        raise Incorrect("This must be an object.")
    unknown = sorted(set(told) - FIELDS)
    if unknown:
        raise Incorrect("There is no field {name} here.", field=unknown[0][:80], name=unknown[0][:80])
    return told


def _source(told: object) -> UUID | SourceDraft:
    try:
        if isinstance(told, str):
            return UUID(told)
        return SourceDraft.model_validate_json(orjson.dumps(told))
    except ValidationError as problem:
        faults = [
            Fault("This does not fit.", f"source.{'.'.join(map(str, e['loc']))}") for e in problem.errors()
        ]
        raise Incorrect("This is not a source.", field="source", faults=faults) from problem
    except ValueError as problem:
        raise Incorrect("This is not a source.", field="source") from problem


def _numbers(told: Mapping[str, Any], name: str) -> Floats:
    column = told.get(name)
    if not isinstance(column, list):
        raise Incorrect("This must be a list.", field=name)
    # Asked before NumPy is: to hold one long text beside many short ones it gives each the room of the longest.
    if set(map(type, column)) <= {int, float}:
        with suppress(OverflowError):  # whole numbers beyond any float
            return np.array(column, np.float64)
    return _one_by_one(column)


def _values(kind: Kind, told: Mapping[str, Any]) -> Floats:
    column = told.get("value")
    if kind.shape == "stage" and isinstance(column, list):
        return np.array(
            [_STAGE.get(name, 0.0) if isinstance(name, str) else 0.0 for name in column], np.float64
        )
    values = _numbers(told, "value")
    unit = told.get("unit")
    return values if unit is None else _converted(values, unit, kind)


def _optional(
    told: Mapping[str, Any], name: str, codes: Mapping[str, float], nothing: float
) -> Floats | None:
    column = told.get(name)
    if column is None:
        return None
    if not isinstance(column, list):
        raise Incorrect("This must be a list.", field=name)
    return np.array([nothing if item is None else _number(item, codes, -2.0) for item in column], np.float64)


def _one_by_one(column: list[Any]) -> Floats:
    """What is a number as it is, what is not as NaN: the slow way, for columns that hold both."""
    return np.array([_number(item, {}, _NOTHING) for item in column], np.float64)


def _number(item: object, codes: Mapping[str, float], otherwise: float) -> float:
    if isinstance(item, int | float) and not isinstance(item, bool):
        return float(item)
    return codes.get(item, otherwise) if isinstance(item, str) else otherwise


def _converted(values: Floats, unit: object, kind: Kind) -> Floats:
    """Values in the kind's unit. Every conversion here is a straight line, so two points give it."""
    code = units.recognise(unit) if isinstance(unit, str) else None
    if code == "mmol/L" and kind.per_mmol:
        return values * kind.per_mmol
    try:
        if code is None:
            raise units.UnitError("unknown")
        zero, one = (float(units.convert(Decimal(x), code, kind.unit)) for x in (0, 1))
    except units.UnitError as problem:
        raise Incorrect(
            "{unit} does not fit {kind}.", field="unit", unit=str(unit)[:40], kind=kind.name
        ) from problem
    return values if (zero, one) == (0, 1) else values * (one - zero) + zero
