# 案卷 Anjuan. Two commands matter: `make run` and `make test`. Needs only make, Python 3.11+ and its venv module.

PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8000
PYTEST := $(BIN)/python -m pytest -q -p no:cacheprovider

.PHONY: run test check fix format lint arch types unit desk journey browser postgres messages docs acceptance bench bench-inspection torture lock clean help

help: ## list the commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

run: .venv/run.stamp ## set everything up, load the practice city, then serve it
	@ANJUAN_HOME="$${ANJUAN_HOME:-$(CURDIR)/.anjuan}" $(BIN)/anjuan demo load
	@ANJUAN_HOME="$${ANJUAN_HOME:-$(CURDIR)/.anjuan}" $(BIN)/anjuan serve --port $(PORT)

test: check unit desk journey postgres docs ## everything the change must pass, fastest first
	@echo "make test: passed"

check: .venv/test.stamp format lint arch types messages ## the fast part: format, lint, import contracts, types, translations

format: .venv/test.stamp
	@$(BIN)/ruff format --check src tests tools bench

lint: .venv/test.stamp
	@$(BIN)/ruff check src tests tools bench

arch: .venv/test.stamp ## import contracts and the other rules of the house
	@$(BIN)/lint-imports --no-cache >build-lint.txt 2>&1 || { cat build-lint.txt; rm -f build-lint.txt; exit 1; }; rm -f build-lint.txt
	@$(PYTEST) -n 2 tests/architecture

types: .venv/test.stamp
	@$(BIN)/mypy

messages: .venv/test.stamp ## every string translated, every catalogue compiled
	@$(BIN)/python tools/messages.py check

fix: .venv/test.stamp ## format and mend what can be mended
	@$(BIN)/ruff format src tests tools bench
	@$(BIN)/ruff check --fix src tests tools bench

unit: .venv/test.stamp ## core and rules: no database
	@$(PYTEST) -n 2 tests/unit tests/property

desk: .venv/test.stamp ## contracts and desks on SQLite
	@$(PYTEST) -n 2 tests/contract tests/desk

journey: .venv/test.stamp ## whole walks, and the desk in a real browser where Chromium is
	@$(PYTEST) -n 2 --dist loadfile tests/journey

postgres: .venv/test.stamp ## contracts and desks once more, on PostgreSQL where one answers
	@$(BIN)/python tools/engines.py $(PYTEST) -n 2 tests/contract tests/desk

docs: .venv/test.stamp ## generated pages are in step
	@$(BIN)/python tools/reference.py check

acceptance: .venv/test.stamp ## write build/acceptance.tsv: id, title, state, tests
	@$(PYTEST) -n 2 -m acceptance --acceptance=build/acceptance.tsv tests
	@cut -f3 build/acceptance.tsv | sort | uniq -c | sort -rn

torture: .venv/test.stamp ## every kill, power cut, fault and changed byte, whole (an hour or more on two cores)
	@nice $(BIN)/python -m tests.journey.torture
	@nice $(BIN)/python -m tests.journey.torture_store
	@nice $(BIN)/python -m tests.journey.torture_log
	@nice $(BIN)/python -m tests.journey.torture_copies
	@nice $(BIN)/python -m tests.journey.torture_rows
	@ANJUAN_VIEWER_PAGES=1000 nice $(PYTEST) -k in_a_row tests/journey/test_browser_viewer.py

bench: .venv/test.stamp ## budgets: list pages, start, memory, first sight of a page
	@$(BIN)/python bench/budgets.py

bench-inspection: .venv/test.stamp ## image detectors on pages with known faults: writes docs/benchmarks/inspection.md
	@PYTHONPATH=. DJANGO_SETTINGS_MODULE=anjuan.config.settings.testing $(BIN)/python bench/inspection.py --write

lock: ## pin and hash the requirements anew (needs uv)
	@uv pip compile -q --generate-hashes --no-emit-index-url --no-header --universal --no-build --python-version 3.11 requirements/run.in -o requirements/run.txt
	@uv pip compile -q --generate-hashes --no-emit-index-url --no-header --universal --no-build --python-version 3.11 requirements/run.in requirements/test.in -o requirements/test.txt

clean: ## remove the environment (never ANJUAN_HOME)
	rm -rf .venv build

.venv/venv.stamp:
	@echo "案卷: making the environment (.venv)"
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/run.stamp: .venv/venv.stamp requirements/run.txt pyproject.toml
	@echo "案卷: installing the locked dependencies (about a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@

.venv/test.stamp: .venv/run.stamp requirements/test.txt
	@echo "案卷: installing the test tools"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/test.txt
	@touch $@
