"""What every verb of signals needs: kinds by name, chunks sealed and opened, sources in order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from ojas.features.signals import queries
from ojas.features.signals.models import Source
from ojas.features.signals.rules import (
    HOUR,
    KINDS,
    RANKS,
    Kind,
    Profile,
    Samples,
    Shape,
    SourceClass,
    Span,
    decode,
    decode_all,
    encode,
    instant,
    milliseconds,
    profile,
)
from ojas.kit.db import Tx
from ojas.kit.errors import NotFound

if TYPE_CHECKING:
    from ojas.kit.db.keyring import PersonKeys

SCOPE = "signals"
_DATA = "signal_chunks.data"
_PROFILE = "signal_chunks.profile"
_FEW = 64
"""So few samples are opened as quickly as a profile of them."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One kind from one source."""

    id: UUID
    source_id: UUID
    kind: Kind


def kind_of(name: str | Kind) -> Kind:
    """The kind of a name.

    Raises:
        NotFound: there is none.
    """
    if isinstance(name, Kind):
        return name
    if name not in KINDS:
        raise NotFound("There is no kind of signal called {name}.", field="kind", name=name)
    return KINDS[name]


def stream_id(source_id: UUID, kind: Kind) -> UUID:
    """A name and no number: two who meet the stream at once mean the same row."""
    return uuid5(source_id, kind.name)


async def streams(tx: Tx, person_id: UUID, kind: Kind, source_id: UUID | None = None) -> list[Stream]:
    """Streams of a kind, the source to believe first: the person's own order, then by what sort of thing it is."""
    found = await queries.streams_of(tx, person_id, kind.name)
    ranked = sorted(found, key=lambda both: rank(both[1]))
    return [Stream(s.id, s.source_id, kind) for s, _ in ranked if source_id in (None, s.source_id)]


def rank(source: Source) -> tuple[int, int, UUID]:
    """What sorts sources, the one to believe first."""
    return source.priority or 1 << 31, RANKS[SourceClass(source.sort)], source.id


def sealed(
    keys: "PersonKeys", kind: Kind, stream: UUID, start: int, until: int, samples: Samples
) -> queries.ChunkRow:
    """A chunk of samples, as it is kept. The seal is bound to person, stream and start."""
    place = uuid5(stream, str(start))
    by_hour = None
    if kind.span is Span.DAY and until - start > HOUR and len(samples) > _FEW:
        by_hour = keys.seal(profile(kind, samples).encode(), _PROFILE, place)
    return queries.ChunkRow(
        stream,
        instant(start),
        instant(until),
        instant(samples.first),
        instant(samples.last),
        len(samples),
        *_summary(kind, samples),
        keys.seal(encode(samples), _DATA, place),
        by_hour,
    )


def _summary(kind: Kind, samples: Samples) -> tuple[int, int, int]:
    """Least, greatest and sum; of stages, whose codes are no amounts, nothing."""
    if kind.shape is Shape.STAGE:
        return 0, 0, 0
    return int(samples.value.min()), int(samples.value.max()), int(samples.value.sum())


def opened(keys: "PersonKeys", row: queries.ChunkRow) -> Samples:
    """The samples of a chunk.

    Raises:
        ojas.kit.crypto.Unreadable: the bytes were changed, or belong to another person, stream or time.
    """
    return decode(keys.open(row.data, _DATA, _place(row.stream_id, row.start)))


def opened_profile(keys: "PersonKeys", header: queries.Header) -> Profile:
    assert header.profile is not None
    return Profile.decode(keys.open(header.profile, _PROFILE, _place(header.stream_id, header.start)))


def _place(stream: UUID, start: datetime) -> UUID:
    return uuid5(stream, str(milliseconds(start)))


def by_stream(
    keys: "PersonKeys", streams: Sequence[Stream], rows: Sequence[queries.ChunkRow]
) -> dict[UUID, Samples]:
    """Samples of chunks by stream, in the order of ``streams``. ``rows`` are in the order of their start."""
    plain: dict[UUID, list[bytes]] = {stream.id: [] for stream in streams}
    for row in rows:
        plain[row.stream_id].append(keys.open(row.data, _DATA, _place(row.stream_id, row.start)))
    return {stream: decode_all(pieces) if pieces else Samples.none() for stream, pieces in plain.items()}
