"""The benchmarks: one file a question, each figure a ratio to a reference measured in the same run where there is one.

    make bench                  all of them, each in a process of its own
    make bench NAME=signals     one

To add one, write ``bench/NAME.py``::

    \"\"\"How fast do samples go into the store, and what do they take there?\"\"\"     # the question, one line

    from bench.harness import Bench, stage

    async def run(bench: Bench) -> None:            # or a plain def
        async with stage() as s:                    # a durable scratch database, migrated; s.database, s.app, s.person()
            person = await s.person()
            rows = await bench.measure(lambda: insert_rows(s, person), times=7)       # Times: .median .spread .quantile(.99)
            chunks = await bench.measure(lambda: append(s, person), times=7)
            bench.figure("samples/s, sealed", n / chunks.median, "1/s", reference=n / rows.median,
                         at_least=1_000_000, spread=chunks.spread)

``figure`` prints the line, keeps it for ``bench/results/NAME.json`` and says whether its target is met; the target is a
bound on the value (``at_most``, ``at_least``) or on its ratio to the reference (``ratio_at_most``, ``ratio_at_least``).
A target that is not met is written down as not met. ``docs/guide/performance.md`` is made anew from all results.
"""
