"""The rules of ARCHITECTURE.md that import-linter cannot see."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ojas.house import features
from ojas.kit.db import Base, embedded
from ojas.kit.db.access import SCOPES

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "ojas"
FOLDERS = sorted(p.parent for p in (SOURCE / "features").glob("*/__init__.py"))
LARGEST = 450  # lines; a file that grows beyond is two things


def sources() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f.name)
def test_every_feature_has_a_charter_tests_and_a_way_out(folder: Path) -> None:
    charter = ast.get_docstring(ast.parse((folder / "__init__.py").read_text()))
    assert charter, "the charter: what it is for, its nouns, what it refuses"
    assert len(charter) > 80, "the charter: what it is for, its nouns, what it refuses"
    assert not ast.parse((folder / "__init__.py").read_text()).body[1:], "a docstring alone"
    assert list((ROOT / "tests" / "features" / folder.name).glob("test_*.py")), "tests"
    if not (folder / "feature.py").exists():
        return  # rules alone: nothing of it runs yet, so it holds nothing
    feature = next(f for f in features() if f.name == folder.name)
    tables = [
        m for m in Base.registry.mappers if m.class_.__module__.startswith(f"ojas.features.{folder.name}.")
    ]
    personal = {m.local_table.name for m in tables if "person_id" in m.local_table.c}
    listed = {collection.table for collection in feature.collections}
    if personal - listed:
        assert feature.export, f"an export of {sorted(personal - listed)}"
        assert feature.erase, f"an erase of {sorted(personal - listed)}"


def test_a_feature_is_entered_by_its_service_alone() -> None:
    wrong = []
    for path in sources():
        inside = path.relative_to(SOURCE).parts
        own = inside[1] if inside[0] == "features" else ""
        for line, feature, *rest in _imported(path):
            assembled = inside == ("house.py",) and rest == ["feature"]
            if feature != own and not assembled and not _open(feature, rest):
                wrong.append(f"{path.relative_to(ROOT)}:{line}: {'.'.join([feature, *rest])}")
    assert not wrong, "\n".join(wrong)


def _imported(path: Path) -> Iterator[tuple[Any, ...]]:
    """Line, feature and the rest of the path of whatever a file imports of features, each name by itself."""
    for node in ast.walk(ast.parse(path.read_text())):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            if name.startswith("ojas.features."):
                yield node.lineno, *name.split(".")[2:]  # type: ignore[attr-defined]


def _open(feature: str, rest: list[str]) -> bool:
    """Schemas and rules are the words a feature speaks in. Its service is one door: what it is made of is its own."""
    if rest[:1] in (["schemas"], ["rules"]):
        return True
    folder = SOURCE / "features" / feature / "service"
    within = folder.joinpath(*rest[1:])
    return rest[:1] == ["service"] and len(rest) <= 2 and (rest == ["service"] or not (
        within.is_dir() or within.with_suffix(".py").exists()
    ))  # fmt: skip


def test_nothing_commits_but_the_transaction() -> None:
    found = [
        f"{path.relative_to(ROOT)}"
        for path in sources()
        if re.search(r"\.(commit|rollback)\(", path.read_text()) and "kit/db" not in path.as_posix()
    ]
    assert not found


def test_every_table_of_a_person_has_the_person_first_in_its_key() -> None:
    for mapper in Base.registry.mappers:
        table = mapper.local_table
        if "person_id" not in table.c or not hasattr(mapper.class_, "__scope__"):
            continue
        assert next(iter(table.primary_key.columns)).name == "person_id", table.name
        for reference in table.foreign_key_constraints:
            assert "person_id" in reference.column_keys, f"{table.name}: {reference.column_keys}"


def test_every_table_with_a_person_or_account_is_guarded_by_the_database(cluster: embedded.Cluster) -> None:
    with psycopg.connect(cluster.dsn(embedded.OWNER)) as owner:
        tables = owner.execute(
            """
            SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,
                   array_agg(DISTINCT a.attname::text),
                   (SELECT count(DISTINCT p.polcmd) FROM pg_policy p WHERE p.polrelid = c.oid)
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
            WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
            GROUP BY c.oid, c.relname
            """
        ).fetchall()
    open_ones = [
        name
        for name, forced, columns, commands in tables
        if {"person_id", "account_id"} & set(columns) and not (forced and commands >= 4)
    ]
    assert not open_ones


def test_the_service_owns_nothing_and_passes_by_no_policy(cluster: embedded.Cluster) -> None:
    with psycopg.connect(cluster.dsn(embedded.APP)) as app:
        row = app.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        owned = app.execute(
            "SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole AND relnamespace = 'public'::regnamespace"
        ).fetchone()
    assert row == (False, False, False, False)
    assert owned == (0,)


def test_models_and_migrations_say_the_same(cluster: embedded.Cluster) -> None:
    features()
    with psycopg.connect(cluster.dsn(embedded.OWNER)) as owner:
        rows = owner.execute(
            "SELECT table_name, column_name, is_nullable FROM information_schema.columns WHERE table_schema = 'public'"
        ).fetchall()
    there = {(table, column): nullable == "YES" for table, column, nullable in rows}
    tables = {table for table, _column in there}
    for table in Base.metadata.sorted_tables:
        assert table.name in tables, f"no migration makes {table.name}"
        for column in table.columns:
            assert there.get((table.name, column.name)) == column.nullable, f"{table.name}.{column.name}"


def test_every_scope_is_said_in_plain_words() -> None:
    said = {scope for feature in features() for scope in feature.scopes}
    assert SCOPES - {"keys", "audit", "gadgets", "pebbles"} == said


def test_no_file_is_two_things() -> None:
    long = {
        str(p.relative_to(ROOT)): n for p in sources() if (n := len(p.read_text().splitlines())) > LARGEST
    }
    assert not long


def test_public_functions_of_services_say_what_they_do() -> None:
    import importlib

    silent = []
    for folder in FOLDERS:
        if not (folder / "service.py").exists() and not (folder / "service").is_dir():
            continue
        module = importlib.import_module(f"ojas.features.{folder.name}.service")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            own = function.__module__.startswith(module.__name__)
            if own and not name.startswith("_") and not inspect.getdoc(function):
                silent.append(f"{folder.name}.{name}")
    assert not silent
