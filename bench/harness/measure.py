"""Measuring, and what is written down of it."""

import inspect
import json
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil

from bench.harness.machine import commit, machine

RESULTS = Path(__file__).parents[1] / "results"

SPREAD = ", spread"
"""Ends the name of the figure that says how far a measurement scattered: the middle half, in per cent of the median."""


@dataclass(frozen=True)
class Times:
    """How long each run of the same work took, in seconds."""

    seconds: Sequence[float]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def spread(self) -> float:
        """The width of the middle half, in per cent of the median."""
        if len(self.seconds) < 2:
            return 0.0
        return 100 * (self.quantile(0.75) - self.quantile(0.25)) / self.median

    def quantile(self, share: float) -> float:
        """The time that ``share`` (0 to 1) of the runs stayed within; nearest rank, so it is one that was measured."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


@dataclass(frozen=True)
class Figure:
    name: str
    value: float
    unit: str
    reference: float | None
    ratio: float | None
    target: str | None
    met: bool | None


@dataclass
class Bench:
    """One question, and its figures as they come."""

    name: str
    question: str
    figures: list[Figure] = field(default_factory=list)

    def figure(
        self,
        name: str,
        value: float,
        unit: str,
        *,
        reference: float | None = None,
        at_most: float | None = None,
        at_least: float | None = None,
        ratio_at_most: float | None = None,
        ratio_at_least: float | None = None,
        spread: float | None = None,
    ) -> None:
        """Write down one figure.

        Args:
            reference: the same measured of the thing compared with, in this run, in the same unit.
            at_most, at_least, ratio_at_most, ratio_at_least: the target; one of them, or none.
            spread: of the measurement, in per cent; becomes a figure of its own beside it.
        """
        ratio = None if reference is None else value / reference
        bounds = [
            (at_most, "≤ {:g}", value, False),
            (at_least, "≥ {:g}", value, True),
            (ratio_at_most, "ratio ≤ {:g}", ratio, False),
            (ratio_at_least, "ratio ≥ {:g}", ratio, True),
        ]
        target, met = None, None
        for bound, words, measured, up in bounds:
            if bound is not None and measured is not None:
                target, met = words.format(bound), measured >= bound if up else measured <= bound
        self.figures.append(
            Figure(name, _rounded(value), unit, _maybe(reference), _maybe(ratio), target, met)
        )
        self._say(self.figures[-1], spread)
        if spread is not None:
            self.figures.append(Figure(name + SPREAD, _rounded(spread), "%", None, None, None, None))

    async def measure(
        self, work: Callable[[], Awaitable[object] | object], *, times: int = 7, warm: int = 1
    ) -> Times:
        """Time ``work`` ``times`` times, after ``warm`` runs that are not counted. It may be async or not."""
        taken = []
        for turn in range(warm + times):
            start = time.perf_counter()
            result = work()
            if inspect.isawaitable(result):
                await result
            if turn >= warm:
                taken.append(time.perf_counter() - start)
        return Times(taken)

    def write(self, folder: Path = RESULTS) -> Path:
        """The result as JSON, in the one shape that reports are made from."""
        folder.mkdir(exist_ok=True)
        path = folder / f"{self.name}.json"
        content = {
            "question": self.question,
            "date": datetime.now(UTC).date().isoformat(),
            "commit": commit(),
            "machine": machine(),
            "figures": [asdict(figure) for figure in self.figures],
        }
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
        return path

    @staticmethod
    def _say(figure: Figure, spread: float | None) -> None:
        line = f"  {figure.name:<58} {figure.value:>14,.4g} {figure.unit:<6}"
        if spread is not None:
            line += f" ±{spread:.0f} %"
        if figure.ratio is not None:
            line += f"  {figure.ratio:.3g}× of {figure.reference:,.4g}"
        if figure.target:
            line += f"  {figure.target}: {'met' if figure.met else 'NOT MET'}"
        print(line, flush=True)


def memory_mb(pid: int | None = None) -> float:
    """Resident memory of a process and all below it, in MB; shared pages are counted once where the system tells."""
    top = psutil.Process(pid)
    total = 0
    for process in [top, *top.children(recursive=True)]:
        try:
            full = process.memory_full_info()
        except psutil.Error:
            continue
        total += getattr(full, "pss", full.rss)
    return total / 1e6


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def _maybe(value: float | None) -> float | None:
    return None if value is None else _rounded(value)
