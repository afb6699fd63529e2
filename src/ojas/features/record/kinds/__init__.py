"""The six lists, one a file and all alike: its collection, its FHIR type, and the way from FHIR and back.

``draft_of`` takes a resource that ``kit.fhir.validation`` found valid; ``resources_of`` gives such ones.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from ojas.features.record.kinds import allergies, conditions, encounters, immunisations, procedures, results
from ojas.features.record.schemas import Draft
from ojas.kit.collection import Collection


class Kind(Protocol):
    TYPE: str
    LIST: Collection[Any, Any, Any]

    def draft_of(self, resource: Mapping[str, Any], /) -> Draft: ...

    def resources_of(self, view: Any, /) -> Iterator[dict[str, Any]]: ...


KINDS: tuple[Kind, ...] = (conditions, allergies, immunisations, procedures, results, encounters)
BY_TYPE: Mapping[str, Kind] = {kind.TYPE: kind for kind in KINDS}
BY_NAME: Mapping[str, Kind] = {kind.LIST.name: kind for kind in KINDS}
