"""Whose bands apply: the person's age, sex and pregnancy, and what their care team set."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from ojas.features.measurements import models, queries, schemas
from ojas.features.measurements.rules import (
    Context,
    Finding,
    Guideline,
    Kind,
    Limits,
    Meal,
    Override,
    chosen,
    classify,
    unfit,
)
from ojas.features.measurements.service.people import Somebody, somebody
from ojas.kit.db import Tx
from ojas.kit.i18n import _

_TERM, _LATE = timedelta(days=280), timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Judge:
    """Finds bands for one person. Made once a request; finding is arithmetic."""

    person: Somebody
    overrides: Mapping[str, Override]

    def context(self, at: datetime, meal: Meal | None = None) -> Context:
        """The person as they were at ``at``."""
        day = at.date()
        due = self.person.due
        return Context(
            age=_age(self.person.born, day) if self.person.born else None,
            sex=self.person.sex,
            pregnant=due is not None and due - _TERM <= day <= due + _LATE,
            meal=meal,
        )

    def guideline(self, kind: Kind, at: datetime, meal: Meal | None = None) -> Guideline | None:
        """Whose bands are drawn and applied for a reading at ``at``."""
        return chosen(kind.guidelines, self.context(at, meal), self.overrides.get(kind.name))

    def unfit(self, kind: Kind, at: datetime, meal: Meal | None = None) -> str:
        """Why nobody's bands apply to this person's reading, in their language; nothing where some do or none exist."""
        if self.guideline(kind, at, meal) is not None:
            return ""
        reason = unfit(kind.guidelines, self.context(at, meal))
        return _(reason) if reason else ""

    def good(self, kind: Kind, at: datetime) -> tuple[float | None, float | None] | None:
        """From where to where the main number of a kind is in range, canonical; None where nobody says."""
        guideline = self.guideline(kind, at)
        bands = [
            band
            for band in (guideline.ladders.get(kind.main.name, ()) if guideline else ())
            if not band.level.severity
        ]
        if not bands:
            return None
        low, high = bands[0].low, bands[-1].high
        return None if low is None else float(low), None if high is None else float(high)

    def find(
        self, kind: Kind, numbers: Mapping[str, Decimal], at: datetime, meal: Meal | None = None
    ) -> Finding | None:
        """The band of canonical numbers; None where nobody published one for such a person."""
        guideline = self.guideline(kind, at, meal)
        return classify(guideline, numbers) if guideline else None


async def judge(tx: Tx, person_id: UUID) -> Judge:
    """Whoever finds bands for this person. Without a profile they count as an adult of no known sex."""
    tx.access.require("measurements", person_id)
    rows = await queries.overrides(tx, person_id)
    return Judge(await somebody(tx, person_id), {row.kind: await _override(tx, row) for row in rows})


async def _override(tx: Tx, row: Any) -> Override:
    text = await tx.open(row.person_id, models.BandOverride.__tablename__, row.id, row.sealed)
    private = orjson.loads(text)
    limits = {
        part: Limits(**schemas.LimitsDraft.model_validate_json(orjson.dumps(each)).model_dump())
        for part, each in private["limits"].items()
    }
    return Override(row.guideline, limits, row.updated_at.year)


def _age(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
