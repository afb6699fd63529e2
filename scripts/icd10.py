"""Make ``src/ojas/features/record/rules/icd10/codes.tsv.zst`` from ICD-10-CM as CMS and NCHS publish it.

    python scripts/icd10.py ORDER TABULAR [OUT]

ORDER is icd10cm-order-….txt, TABULAR icd10cm_tabular_….xml, each as it is or gzipped; both are works of the US government
and in the public domain. A line of the result, in the order of the classification, is

    code without its dot ⇥ 1 if it may be used for a person, 0 for a heading ⇥ description ⇥ other words, joined by |

The other words are the inclusion terms of the tabular list: "high blood pressure" leads to I10.
"""

import gzip
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import zstandard

OUT = Path(__file__).parents[1] / "src/ojas/features/record/rules/icd10/codes.tsv.zst"
LONGEST = 120  # an inclusion term beyond is a sentence of instructions


def content(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def terms(tabular: bytes) -> dict[str, list[str]]:
    """Code to its inclusion terms."""
    return {
        diagnosis.findtext("name", "").replace(".", ""): list(_notes(diagnosis))
        for diagnosis in fromstring(tabular).iter("diag")  # noqa: S314  # a file of the government, at build time
    }


def _notes(diagnosis: Element) -> Iterator[str]:
    for kind in ("includes", "inclusionTerm"):
        for note in diagnosis.iterfind(f"{kind}/note"):
            text = " ".join((note.text or "").split())
            if 0 < len(text) <= LONGEST:
                yield text.replace("|", "/")


def lines(order: bytes, words: dict[str, list[str]]) -> Iterator[str]:
    """Columns of ORDER: 7–13 code, 15 whether it is billable, 78– the long description."""
    for line in order.decode("latin-1").splitlines():
        code, billable, description = line[6:13].strip(), line[14], line[77:].strip()
        yield "\t".join((code, billable, description, "|".join(words.get(code, ()))))


def packed(order: Path, tabular: Path) -> bytes:
    """The artefact's bytes, the same for the same files."""
    text = "\n".join(lines(content(order), terms(content(tabular))))
    return zstandard.ZstdCompressor(level=19).compress(text.encode())


def main() -> None:
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    out = Path(sys.argv[3]) if len(sys.argv) == 4 else OUT
    out.write_bytes(packed(Path(sys.argv[1]), Path(sys.argv[2])))
    print(f"{out}: {out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
