# The two commands that a newcomer needs are `make demo` and `make test`; `make help` lists all of them.
# Variables are given behind the target: make demo PORT=9000 PACE=2

PORT  ?= 8000
DATA  ?= data
PACE  ?= 1
QUIET ?=
LAN   ?=
KILLS ?= 100
SEED  ?=
ARGS  ?=
SEEDS ?= 1

BIN     := .venv/bin
PYTEST  := $(BIN)/python -m pytest
set-on   = $(filter-out 0 no off false,$(1))

.DEFAULT_GOAL := help
.PHONY: help demo test test-quick lint bench long crash years planted clean lock run-venv test-venv

help: ## list these commands
	@echo "Storekeep: one program that runs an online store behind the scenes."
	@echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | awk -F'|' '{printf "%-18s %s\n", $$1, $$2}'
	@echo
	@echo "Variables of make demo: PORT=8000  DATA=data  PACE=1 (speed of the demo world)  QUIET=1 (a still shop)"
	@echo "                        LAN=1 (other devices may visit; makes a certificate)"
	@echo "PYTHON=python3.12 picks the Python that .venv is made with; ARGS='...' is handed on by test, bench, long and crash."

demo: run-venv ## install what is missing, then open a living shop at http://127.0.0.1:8000
	@exec $(BIN)/storekeep demo --port "$(PORT)" --data "$(DATA)" --pace "$(PACE)" \
	  $(if $(call set-on,$(QUIET)),--quiet) $(if $(call set-on,$(LAN)),--lan) $(ARGS)

test: test-venv ## lint, types, walls, and the whole suite on SQLite and on PostgreSQL
	@lint=ok; $(MAKE) --no-print-directory lint || lint=failed; \
	chromium="$$(tools/ensure-chromium)"; \
	STOREKEEP_CHROMIUM="$$chromium" $(PYTEST) --db both -n 3 --dist worksteal -m "not long and not crash" $(ARGS) || exit $$?; \
	[ $$lint = ok ] || { echo "The suite passed, but make lint did not; see above." >&2; exit 1; }

test-quick: test-venv ## the fast part of the suite, on SQLite only
	@$(PYTEST) --db sqlite -n 2 -m "not slow and not long and not crash and not browser" $(ARGS)

lint: test-venv ## ruff, mypy, import-linter and the project's own lints
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --config .importlinter
	$(BIN)/python tools/lints.py

bench: test-venv ## measure placing and browsing on this machine (ARGS=--json for figures to keep)
	$(BIN)/storekeep bench place $(ARGS)
	$(BIN)/storekeep bench browse $(ARGS)

long: test-venv ## the long run: many more rounds of the races (not part of make test)
	$(PYTEST) --db both -m long $(ARGS)

crash: test-venv ## kill -9 server, workers, hand and database under load, and compare every book (KILLS=100 SEED=n)
	STOREKEEP_KILLS="$(KILLS)" STOREKEEP_KILL_SEED="$(SEED)" $(PYTEST) --db both -m crash $(ARGS)

years: test-venv ## simulate years with everything going wrong (SEEDS="1 2 3", about ten minutes each)
	@mkdir -p build && for seed in $(SEEDS); do \
	  $(BIN)/storekeep simulate --days 366 --seed $$seed --faults hostile --html build/year-$$seed.html $(ARGS) || exit $$?; done

planted: test-venv ## every bug planted on purpose, and on which simulated day it is found
	PYTHONPATH=tests $(BIN)/python -m planted $(ARGS)

clean: ## remove .venv, caches and build output; the data folder stays
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache src/storekeep.egg-info
	find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

lock: ## write requirements/*.txt anew from pyproject.toml (UPGRADE=1 takes newer versions)
	@UPGRADE="$(UPGRADE)" tools/lock

run-venv:
	@PYTHON="$(PYTHON)" tools/venv run

test-venv:
	@PYTHON="$(PYTHON)" tools/venv test
