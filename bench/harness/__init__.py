"""What a benchmark needs: a stage to run on, a way to measure, a place to write the answer."""

from bench.harness.measure import Bench, Figure, Times
from bench.harness.stage import Stage, stage

__all__ = ["Bench", "Figure", "Stage", "Times", "stage"]
