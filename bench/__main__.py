"""python -m bench [NAME …]: run benchmarks, write bench/results, make the page of figures anew."""

import asyncio
import inspect
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import uvloop

from bench.harness import Bench, report


def names() -> list[str]:
    """Every benchmark there is: a file beside this one."""
    return sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))


def run(name: str) -> None:
    """One benchmark, in this process."""
    module = import_module(f"bench.{name}")
    question = (module.__doc__ or name).strip().splitlines()[0]
    bench = Bench(name, question)
    print(f"{name}: {question}", flush=True)
    outcome = module.run(bench)
    if inspect.iscoroutine(outcome):
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as uvicorn has it
            runner.run(outcome)
    bench.write()
    report.write()


def main(wanted: list[str]) -> int:
    unknown = [name for name in wanted if name not in names()]
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}; there are {', '.join(names())}.", file=sys.stderr)
        return 2
    if len(wanted) == 1:
        run(wanted[0])
        return 0
    # A process each: what one leaves in memory or caches is no advantage, and no burden, to the next.
    failed = [
        name for name in wanted or names() if subprocess.run([sys.executable, "-m", "bench", name]).returncode
    ]
    if failed:
        print(f"Failed: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
