"""docs/guide/performance.md, made from bench/results."""

import json
from pathlib import Path
from typing import Any

from bench.harness.measure import RESULTS, SPREAD

PAGE = Path(__file__).parents[2] / "docs" / "guide" / "performance.md"

_HEAD = """\
# How fast, how big

Made by `make bench` from `bench/results/`; edit nothing here. One file in `bench/` asks one question. A figure is the
median of several runs, ± the width of their middle half; *reference* is the thing it is compared with, measured in the
same run. A target that is not met says so.
"""


def page(results: Path = RESULTS) -> str:
    """The page as text."""
    parts = [_HEAD]
    for path in sorted(results.glob("*.json")):
        parts.append(_section(path.stem, json.loads(path.read_text())))
    return "\n".join(parts)


def _section(name: str, result: dict[str, Any]) -> str:
    spreads = {f["name"]: f["value"] for f in result["figures"] if f["name"].endswith(SPREAD)}
    rows = [_row(f, spreads.get(f["name"] + SPREAD)) for f in result["figures"] if f["name"] not in spreads]
    return "\n".join(
        [
            f"## {name}: {result['question']}",
            "",
            f"{result['date']}, commit {result['commit']}, {result['machine']}.",
            "",
            "| figure | value | reference | ratio | target | met |",
            "|---|--:|--:|--:|---|---|",
            *rows,
            "",
        ]
    )


def _row(figure: dict[str, Any], spread: float | None) -> str:
    value = f"{_number(figure['value'])} {figure['unit']}" + (
        f" ± {spread:.0f} %" if spread is not None else ""
    )
    met = {True: "yes", False: "**no**", None: ""}[figure["met"]]
    cells = [
        figure["name"],
        value,
        _number(figure["reference"]),
        _number(figure["ratio"]),
        figure["target"] or "",
        met,
    ]
    return "| " + " | ".join(cells) + " |"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def write() -> None:
    PAGE.write_text(page())


if __name__ == "__main__":
    write()
