# `make run` starts Whyboard, `make test` proves it. Both set up all that they need.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PY := .venv/bin/python
PORT ?= 8501
PYTEST_ARGS ?=
BENCH_ARGS ?=

.PHONY: help setup setup-dev run test check soak lint types wander bench bench-editor calibrate exported frontend screenshots lock clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

setup:  ## make the environment that running needs
	@sh scripts/bootstrap.sh run

setup-dev:
	@sh scripts/bootstrap.sh dev

run: setup  ## serve the app on localhost:8501 (PORT=…)
	@.venv/bin/whyboard app --port $(PORT)

test: setup-dev  ## set up, browser included, then lint, types and all tests
	@$(PY) -m ruff check . && $(PY) -m ruff format --check .
	@$(PY) -m mypy
	@chromium="$$(sh scripts/browser.sh)" && WHYBOARD_CHROMIUM="$$chromium" sh scripts/test.sh $(PYTEST_ARGS)

check: setup-dev  ## in minutes: style, types and the tests that need no PyMC, browser or workers
	@$(PY) -m ruff check . && $(PY) -m ruff format --check .
	@$(PY) -m mypy
	@WHYBOARD_CHECK=1 sh scripts/test.sh -m "not pymc and not browser and not workers and not slow and not repeats" $(PYTEST_ARGS)

soak: setup-dev  ## the tests that take minutes: NUTS of every family, twenty kills, published posteriors
	@sh scripts/test.sh -m slow $(PYTEST_ARGS)

lint: setup-dev  ## style and common faults
	@$(PY) -m ruff check . && $(PY) -m ruff format --check .

types: setup-dev  ## the type checker
	@$(PY) -m mypy

wander: setup-dev  ## the property tests, on examples that nobody has drawn yet
	@HYPOTHESIS_PROFILE=wander $(PY) -m pytest -q -m hypothesis $(PYTEST_ARGS)

bench: setup-dev  ## Whyboard beside what a user would run instead, in one run (BENCH_ARGS=--write: docs/benchmarks.md)
	@$(PY) -m benchmarks.bench $(BENCH_ARGS)
	@$(PY) -m benchmarks.first_minute
	@chromium="$$(sh scripts/browser.sh)" && WHYBOARD_CHROMIUM="$$chromium" $(PY) -m benchmarks.editor_latency
	@chromium="$$(sh scripts/browser.sh)" && WHYBOARD_CHROMIUM="$$chromium" $(PY) -m benchmarks.page_clicks
	@$(PY) -m benchmarks.many_projects

calibrate: setup-dev  ## slow calibration of the fits and of the verdict; writes calibration, calibration_forms, bending, strong, rows, effects and operating in docs
	@$(PY) -m benchmarks.calibrate
	@$(PY) -m benchmarks.bending --write
	@$(PY) -m benchmarks.strong --write
	@$(PY) -m benchmarks.rows --write
	@$(PY) -m benchmarks.second --write
	@$(PY) -m benchmarks.operating --write
	@$(PY) -m benchmarks.calibrate --forms

exported: setup-dev  ## exported scripts and notebooks in an environment without Whyboard, beside the app; writes docs/exported.md
	@$(PY) -m benchmarks.exported --write

frontend:  ## rebuild the drawing component (needs Node)
	@cd ui/editor/frontend && npm ci --no-audit --no-fund && npm run build

screenshots: setup-dev  ## every page, light and dark, wide and narrow, into docs/screenshots
	@chromium="$$(sh scripts/browser.sh)" && WHYBOARD_CHROMIUM="$$chromium" $(PY) -m scripts.screenshots

lock:  ## compile pyproject.toml into the two requirements files
	@sh scripts/lock.sh

clean:  ## remove the environment and caches
	@rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache
