"""Make ``src/ojas/kit/fhir/r4.json.zst``, the grammar of FHIR R4, from HL7's own definitions.

    python scripts/fhir_schema.py PACKAGE [OUT]

PACKAGE is hl7.fhir.r4.core 4.0.1, a folder or a .tar.gz (https://hl7.org/fhir/R4/downloads.html, CC0-1.0). The result
holds facts only (names, types, cardinalities, codes, allowed targets), no sentence of the specification, and is the
same bytes for the same input.

    {"version": "4.0.1",
     "primitives": {"code": "[^\\\\s]+(\\\\s[^\\\\s]+)*", …},
     "types": {"Patient": {"gender": [0, 1, ["code"], {"codes": "administrative-gender"}], …}, …},
     "resources": ["Account", …],
     "codes": {"administrative-gender": {"http://hl7.org/fhir/administrative-gender": ["male", …]}, …}}

An element is [least, most (0: any number), its types, what else holds]. A type that begins with # is the content of
another element; a Resource is any resource.
"""

import json
import sys
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import zstandard

REGEX = "http://hl7.org/fhir/StructureDefinition/regex"
FHIR_TYPE = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type"
PROFILE = "http://hl7.org/fhir/StructureDefinition/"
OUT = Path(__file__).parents[1] / "src" / "ojas" / "kit" / "fhir" / "r4.json.zst"

Definition = dict[str, Any]


def definitions(package: Path) -> Iterator[Definition]:
    """Every JSON file of the package, folder or archive."""
    if package.is_dir():
        for path in sorted(package.rglob("*.json")):
            yield json.loads(path.read_bytes())
        return
    with tarfile.open(package) as archive:
        for member in archive:
            if member.name.endswith(".json") and (file := archive.extractfile(member)):
                yield json.loads(file.read())


class Package:
    """The definitions by kind, and value sets written out into {system: codes} where it holds what is needed."""

    def __init__(self, found: Iterable[Definition]):
        self.sets: dict[str, Definition] = {}
        self.systems: dict[str, Definition] = {}
        self.structures: dict[str, Definition] = {}
        for one in found:
            kind = one.get("resourceType")
            if kind == "ValueSet":
                self.sets[one["url"]] = one
            elif kind == "CodeSystem":
                self.systems[one["url"]] = one
            elif kind == "StructureDefinition" and wanted(one):
                self.structures[one["name"]] = one
        self.resources = {name for name, one in self.structures.items() if one["kind"] == "resource"}

    def expand(self, url: str) -> dict[str, list[str]] | None:
        """The codes of a value set; None if it is open (media types, currencies, UCUM) or not in the package."""
        if (found := self.sets.get(url.split("|")[0])) is None:
            return None
        codes: dict[str, list[str]] = {}
        for part in found["compose"]["include"]:
            if part.get("filter") or part.get("valueSet") or (some := self._codes(part)) is None:
                return None
            codes.setdefault(part["system"], []).extend(some)
        return {system: sorted(set(some)) for system, some in sorted(codes.items())}

    def _codes(self, part: Definition) -> list[str] | None:
        if "concept" in part:
            return [concept["code"] for concept in part["concept"]]
        system = self.systems.get(part["system"])
        if system is None or system["content"] != "complete":
            return None
        return list(walk(system.get("concept", [])))


def wanted(structure: Definition) -> bool:
    kinds = ("resource", "complex-type", "primitive-type")
    concrete = structure.get("derivation") == "specialization" and not structure["abstract"]
    return structure["kind"] in kinds and concrete


def walk(concepts: list[Definition]) -> Iterator[str]:
    for concept in concepts:
        yield concept["code"]
        yield from walk(concept.get("concept", []))


def type_name(one: Definition, path: str, package: Package) -> str:
    """The FHIR type of an element's type entry; HL7 writes primitives of primitives as FHIRPath types."""
    if not one["code"].startswith("http://hl7.org/fhirpath/"):
        return str(one["code"])
    owner, _, name = path.rpartition(".")
    if name == "id":
        return "id" if owner in package.resources else "string"
    return next((str(it["valueUrl"]) for it in one.get("extension", []) if it["url"] == FHIR_TYPE), "string")


def element(one: Definition, codes: dict[str, Any], package: Package, backbone: bool) -> list[Any]:
    """[least, most, types, the rest] of one ElementDefinition; adds to ``codes`` what it is bound to."""
    most = 0 if one["max"] == "*" else int(one["max"])
    if backbone:
        return [one["min"], most, ["#" + one["path"]]]
    if reference := one.get("contentReference"):
        return [one["min"], most, ["#" + reference.removeprefix("#")]]
    rest: dict[str, Any] = {}
    binding = one.get("binding", {})
    if binding.get("strength") == "required" and (expansion := package.expand(binding.get("valueSet", ""))):
        rest["codes"] = binding["valueSet"].split("|")[0].rsplit("/", 1)[1]
        codes[rest["codes"]] = expansion
    if targets := reference_targets(one["type"], package):
        rest["targets"] = targets
    found = [one["min"], most, [type_name(kind, one["path"], package) for kind in one["type"]]]
    return [*found, rest] if rest else found


def reference_targets(kinds: list[Definition], package: Package) -> list[str]:
    """Resource types a Reference may point to; empty if any."""
    found = {url for kind in kinds if kind["code"] == "Reference" for url in kind.get("targetProfile", [])}
    names = sorted(url.removeprefix(PROFILE) for url in found)
    return names if set(names) <= package.resources else []


def structure(definition: Definition, codes: dict[str, Any], package: Package) -> dict[str, Any]:
    """{type: {element: …}} of a StructureDefinition, with its backbone elements as types of their own."""
    elements = definition["snapshot"]["element"][1:]
    parents = {one["path"].rsplit(".", 1)[0] for one in elements}
    types: dict[str, Any] = {}
    for one in elements:
        parent, name = one["path"].rsplit(".", 1)
        if one["max"] != "0":
            types.setdefault(parent, {})[name] = element(one, codes, package, one["path"] in parents)
    return types


def grammar(package: Package) -> dict[str, Any]:
    codes: dict[str, Any] = {}
    types: dict[str, Any] = {}
    primitives: dict[str, str] = {}
    for name, one in sorted(package.structures.items()):
        if one["kind"] == "primitive-type":
            primitives[name] = regex(one)
        else:
            types |= structure(one, codes, package)
    return {
        "version": package.structures["Patient"]["fhirVersion"],
        "primitives": primitives,
        "types": types,
        "resources": sorted(package.resources),
        "codes": dict(sorted(codes.items())),
    }


def regex(primitive: Definition) -> str:
    value = next(one for one in primitive["snapshot"]["element"] if one["path"].endswith(".value"))
    extensions = value["type"][0].get("extension", [])
    return str(next((one["valueString"] for one in extensions if one["url"] == REGEX), ""))


def packed(package: Path) -> bytes:
    """The artefact's bytes, the same for the same package."""
    text = json.dumps(grammar(Package(definitions(package))), separators=(",", ":"), ensure_ascii=False)
    return zstandard.ZstdCompressor(level=19).compress(text.encode())


def main() -> None:
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    out = Path(sys.argv[2]) if len(sys.argv) == 3 else OUT
    out.write_bytes(packed(Path(sys.argv[1])))
    print(f"{out}: {out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
