"""Documentation that cannot lag: what exists is written down, and what is written down exists."""

import csv
import re
from importlib import import_module
from pathlib import Path

import pytest

from ojas.house import features
from ojas.kit.jobs import JOBS
from ojas.kit.settings import Settings
from tests.conftest import SEEDS

ROOT = Path(__file__).parents[1]
GUIDE = ROOT / "docs" / "guide"


def guide() -> str:
    return "\n".join(page.read_text() for page in sorted(GUIDE.glob("*.md")))


@pytest.mark.parametrize("setting", sorted(Settings.model_fields))
def test_every_setting_is_in_the_guide(setting: str) -> None:
    assert f"OJAS_{setting.upper()}" in guide()


def test_every_job_is_in_the_guide() -> None:
    features()
    text = guide()
    assert not [name for name in JOBS if not name.startswith("tests.") and f"`{name}`" not in text]


def test_every_link_in_the_documents_leads_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    broken = []
    for page in pages:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
            if not re.match(r"[a-z]+:", target) and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)} -> {target}")
    assert not broken


def test_architecture_names_every_feature_and_part_of_the_kit() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    parts = [p.name for p in (ROOT / "src/ojas/features").iterdir() if (p / "__init__.py").exists()]
    parts += [
        p.stem for p in (ROOT / "src/ojas/kit").iterdir() if not p.name.startswith("_") and p.name != "READY"
    ]
    assert not [part for part in parts if part != "locale" and not re.search(rf"\b{part}\b", text)]


def test_decisions_are_numbered_and_whole() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [page.name[:4] for page in pages] == [f"{n:04}" for n in range(1, len(pages) + 1)]
    for page in pages:
        text = page.read_text().lower()
        for part in ("## context", "## decision", "## consequences", "## alternatives"):
            assert part in text, f"{page.name} lacks {part}"


def coverage() -> list[dict[str, str]]:
    with (ROOT / "docs" / "coverage.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_seed_field_has_its_row_and_no_other() -> None:
    seed = SEEDS / "fields.csv"
    if not seed.exists():
        pytest.skip("needs the seeds, which are not beside this checkout")
    with seed.open(newline="") as file:
        wanted = [(row["seed"], row["table"], row["field"]) for row in csv.DictReader(file)]
    assert sorted((r["seed"], r["table"], r["field"]) for r in coverage()) == sorted(wanted)


def test_every_place_a_seed_field_lives_exists() -> None:
    features()
    broken = [
        f"{row['seed']}.{row['table']}.{row['field']}: {row['where']}"
        for row in coverage()
        if not stands(row["where"])
    ]
    assert not broken, f"{len(broken)}: " + "\n".join(broken[:30])


def test_the_readme_counts_what_is_covered() -> None:
    rows = coverage()
    held = sum(row["where"] != "planned" for row in rows)
    assert f"{held} of {len(rows)}".replace(",", "") in (ROOT / "README.md").read_text().replace(",", "")


def stands(where: str) -> bool:
    """Whether a ``where`` is planned, superseded for a reason, or a dotted path that leads to something."""
    kind, _, rest = where.partition(":")
    if where == "planned":
        return True
    if kind == "superseded":
        return len(rest.strip()) > 10
    return _leads(rest.strip() if kind == "derived" else where)


def _leads(path: str) -> bool:
    parts = path.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found = import_module(".".join(parts[:cut]))
        except ImportError:
            continue
        for name in parts[cut:]:
            fields = {**getattr(found, "__annotations__", {}), **getattr(found, "model_fields", {})}
            if hasattr(found, name):
                found = getattr(found, name)
            elif name in fields:
                found = fields[name]
            else:
                return False
        return cut > 0
    return False
