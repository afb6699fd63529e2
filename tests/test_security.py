"""The map of security cannot lag: what it names exists, and it names every group of the standard."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
MAP = TESTS.parent / "docs" / "security" / "asvs.md"
STATES = {"held", "partly", "not yet", "outside"}

# OWASP ASVS 5.0.0: how many groups each of its chapters has.
GROUPS = {
    1: 5,
    2: 4,
    3: 7,
    4: 4,
    5: 4,
    6: 8,
    7: 6,
    8: 4,
    9: 2,
    10: 7,
    11: 7,
    12: 3,
    13: 4,
    14: 3,
    15: 4,
    16: 5,
    17: 3,
}


def rows() -> list[list[str]]:
    lines = [line for line in MAP.read_text().splitlines() if re.match(r"\| V\d", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@cache
def defined_in(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text())
    return frozenset(
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


@pytest.mark.parametrize("named", sorted(set(re.findall(r"`([\w/]+\.py::test_\w+)`", MAP.read_text()))))
def test_every_test_the_map_names_exists(named: str) -> None:
    path, _, name = named.partition("::")
    assert name in defined_in(TESTS / path)


def test_every_group_of_the_standard_is_in_the_map_once_and_in_order() -> None:
    wanted = [f"V{chapter}.{group + 1}" for chapter, count in GROUPS.items() for group in range(count)]
    assert [row[0] for row in rows()] == wanted


def test_what_is_held_is_shown_and_what_is_not_says_what_is_missing() -> None:
    for group, state, words, shown in rows():
        assert state in STATES, group
        assert words, group
        assert bool(shown) == (state in ("held", "partly")), group
