"""The benchmarks' own arithmetic, and the page made from them."""

import json
from pathlib import Path

import pytest
from bench import reminders
from bench.__main__ import main, names
from bench.harness import Bench, Times, report
from bench.harness.measure import RESULTS

KEYS = {"question", "date", "commit", "machine", "figures"}
FIGURE = {"name", "value", "unit", "reference", "ratio", "target", "met"}


def test_a_quantile_is_a_time_that_was_measured() -> None:
    times = Times([float(n) for n in range(1, 101)])
    assert times.quantile(0.99) == 99
    assert times.quantile(1) == 100
    assert times.median == 50.5
    assert Times([3.0]).spread == 0


@pytest.mark.parametrize(
    ("value", "bound", "met"),
    [
        (30, {"at_most": 30}, True),
        (31, {"at_most": 30}, False),
        (9, {"at_least": 10}, False),
        (40, {"reference": 100, "ratio_at_least": 0.5}, False),
        (110, {"reference": 100, "ratio_at_most": 1.2}, True),
        (1, {}, None),
    ],
)
def test_a_target_is_met_or_written_down_as_not_met(
    value: float, bound: dict[str, float], met: bool | None
) -> None:
    bench = Bench("trial", "?")
    bench.figure("figure", value, "ms", **bound)
    assert bench.figures[0].met is met
    assert (bench.figures[0].target is None) is (met is None)


def test_a_result_has_exactly_the_agreed_shape(tmp_path: Path) -> None:
    bench = Bench("trial", "How long?")
    bench.figure("figure", 12.3456, "ms", reference=10, spread=4)
    written = json.loads(bench.write(tmp_path).read_text())
    assert set(written) == KEYS
    assert [set(figure) for figure in written["figures"]] == [FIGURE, FIGURE]
    assert written["figures"][0]["ratio"] == 1.235
    assert "12.35 ms ± 4 %" in report.page(tmp_path)


def test_every_committed_result_has_that_shape_and_a_benchmark_that_made_it() -> None:
    for path in RESULTS.glob("*.json"):
        result = json.loads(path.read_text())
        assert set(result) == KEYS, path.name
        assert all(set(figure) == FIGURE for figure in result["figures"]), path.name
        assert path.stem in names()


def test_the_page_of_figures_is_the_one_made_from_the_results() -> None:
    assert report.PAGE.read_text() == report.page(), "make it anew: python -m bench.harness.report"


def test_an_unknown_benchmark_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nothing"]) == 2
    assert "There is no benchmark nothing" in capsys.readouterr().err


@pytest.mark.timeout(180)
async def test_the_benchmark_of_reminders_runs_and_tells_all_it_promises() -> None:
    bench = Bench("reminders", "?")
    await reminders.run(bench, reminders.Plan(sizes=(200,), rate=50, seconds=1, burst=30))
    told = [figure.name for figure in bench.figures]
    assert sum("99 of 100 within" in name for name in told) == 1
    assert sum("doses handed over" in name for name in told) == 2
    blocks = next(figure for figure in bench.figures if figure.name.endswith("blocks"))
    assert blocks.met
