.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
export PYTHON
# Airflow's processes reuse compiled modules; where writing them is switched off, each start is slow.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help setup run up down test check fix bench docs clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-6s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/dev.stamp ## Install everything, the tools for tests and checks too

run: .venv/base.stamp ## Run the main job on a simulated country, in a real Airflow
	@$(BIN)/dews demo

up: .venv/base.stamp ## Start the live service; Ctrl-C stops it
	@$(BIN)/dews up

down: .venv/base.stamp ## Stop the live service
	@$(BIN)/dews down

test: .venv/dev.stamp ## Run every test
	@$(BIN)/python -m pytest -q -n 2 --dist loadgroup

check: .venv/dev.stamp ## Check style, types and who imports whom
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

fix: .venv/dev.stamp ## Mend what the checks can mend by themselves
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

bench: .venv/dev.stamp ## Measure speed
	@set -e; for script in $(wildcard benchmarks/*.py); do $(BIN)/python $$script; done

docs: .venv/dev.stamp ## Make the pictures and tables of the docs again
	@set -e; for script in $(wildcard docs/*/*.py); do $(BIN)/python $$script; done

clean: ## Remove the installation and caches; the data in .dews stay
	@rm -rf .venv build dist *.egg-info .coverage* .*_cache .hypothesis && find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/%.stamp: pyproject.toml constraints.txt .ci/install
	@.ci/install $*
