# One command from nothing: `make run`. PYTHON=… chooses another Python, ARGS=… goes to the command.
PY := .venv/bin/python
LOCKS := requirements/build.txt pyproject.toml
# One more than two cores: a test that waits for a browser, a letter or a restart leaves its core to another.
WORKERS ?= 3
# Compiled once, not by each of the many processes that tests start, also where the shell says otherwise.
export PYTHONDONTWRITEBYTECODE :=

# An environment that no longer works (Python was upgraded, the folder moved) is made anew.
$(shell [ ! -e .venv ] || $(PY) -c 'import sys, ojas; sys.exit(not ojas.__file__.startswith(sys.argv[1] + "/"))' \
	"$(CURDIR)" >/dev/null 2>&1 || rm -f .venv/.ready-run .venv/.ready-dev)

.PHONY: help run test quick lint format bench clean

help: ## this list
	@awk -F':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.venv/.ready-run: requirements/run.txt $(LOCKS)
	@PYTHON="$(PYTHON)" scripts/environment run

.venv/.ready-dev: requirements/dev.txt requirements/run.txt $(LOCKS)
	@PYTHON="$(PYTHON)" scripts/environment dev

run: .venv/.ready-run ## a living record with a demo household; prints the address and how to sign in
	@exec $(PY) -m ojas.cli demo $(ARGS)

test: lint ## everything: contracts, types, lint, the whole suite
	$(PY) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

quick: .venv/.ready-dev ## the part of the suite one runs all day
	$(PY) -m pytest -n $(WORKERS) --dist loadfile -m "not slow and not browser" $(ARGS)

lint: .venv/.ready-dev ## style, types, contracts
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports

format: .venv/.ready-dev ## put the code in the house's style
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: .venv/.ready-dev ## measure; NAME=signals for one
	$(PY) -m bench $(NAME)

clean: ## remove what was built here; data stays
	rm -rf .venv build dist test-results .mypy_cache* .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find src tests bench migrations -name __pycache__ -type d -prune -exec rm -rf {} +
