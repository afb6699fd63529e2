"""Helpers as the rules see them."""

from collections.abc import Sequence

from ojas.features.emergency import models
from ojas.features.emergency.rules import calling
from ojas.features.emergency.rules.terms import Answer


def of_helpers(rows: Sequence[models.Helper]) -> list[calling.Helper]:
    """Each with what the ladder needs to know of it."""
    return [
        calling.Helper(row.id, row.rank, row.told, Answer(row.answer) if row.answer else None) for row in rows
    ]
