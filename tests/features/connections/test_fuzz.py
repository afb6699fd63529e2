"""Whatever bytes are sent, a parser answers with items, refusals or one reason for the whole; never with a fault of ours."""

import gzip
import io
import json
import random
from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ojas.features.connections.rules import Unreadable
from ojas.features.connections.vendors import VENDORS, Vendor, recognise
from tests.builders import apple_health as apple
from tests.builders.apple_health import BEGIN, Export

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ROUTE = "/workout-routes/a.gpx"

_EXPORT = apple.days(1, every_s=7200).add(apple.workout(BEGIN, 20, 1.5, route=ROUTE))
_EXPORT.routes[ROUTE] = apple.gpx(BEGIN, 5)
_BUNDLE = json.dumps(
    {
        "resourceType": "Bundle",
        "entry": [
            {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Patient", "id": "a"}},
            {"resource": {"resourceType": "Observation", "id": "b", "subject": {"reference": "urn:uuid:1"}}},
            {"resource": {"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/a"}}},
        ],
    }
).encode()
SEEDS = [
    _EXPORT.zip(),
    _EXPORT.xml(),
    Export().add(*apple.pressure(120, 80, BEGIN)).xml(),
    _BUNDLE,
    _BUNDLE.replace(b"}, {", b"}\n{"),
    gzip.compress(_BUNDLE),
]


def survive(content: bytes) -> None:
    file = io.BytesIO(content)
    try:
        known = recognise(file)
    except Unreadable:
        return
    for vendor in VENDORS if known is None else (known,):
        drain(vendor, file)


def drain(vendor: Vendor, file: io.BytesIO) -> None:
    with suppress(Unreadable):
        for batch in vendor.read(file, UUID(int=1), NOW):
            assert batch.items is not None


@settings(max_examples=150)
@given(st.binary(max_size=300))
def test_any_bytes(content: bytes) -> None:
    survive(content)


@settings(max_examples=150)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    ["resourceType", "entry", "resource", "id", "subject", "reference", "fullUrl", "x"]
                ),
                inner | st.sampled_from(["Bundle", "Patient", "Observation", "urn:uuid:1", "Patient/1"]),
                max_size=5,
            )
        ),
        max_leaves=25,
    )
)
def test_any_json(value: object) -> None:
    survive(json.dumps(value).encode())
    survive(json.dumps([value, value]).encode())


@pytest.mark.parametrize("seed", range(len(SEEDS)))
def test_a_good_file_with_some_bytes_changed(seed: int) -> None:
    chance, good = random.Random(seed), SEEDS[seed]
    for _ in range(120):
        content = bytearray(good)
        for _ in range(chance.randrange(1, 6)):
            at = chance.randrange(len(content))
            match chance.randrange(4):
                case 0:
                    content[at] = chance.randrange(256)
                case 1:
                    del content[at : at + chance.randrange(1, 60)]
                case 2:
                    content[at:at] = content[: chance.randrange(1, 60)]
                case _:
                    content[at:at] = chance.choice(
                        [b"\0", b"\xff", b'"', b"<", b"&a;", b"]]>", b"{", b"}", b"\xed\xa0\x80"]
                    )
        survive(bytes(content))
