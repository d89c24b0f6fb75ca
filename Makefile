# What each target does is in the comment behind it: `make help`.
SHELL := /usr/bin/env bash
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup setup-run setup-pi run test quick-proof proof bench check format lock clean

# Further arguments for pytest or the campaigns, e.g. make test ARGS="-k card", make proof ARGS="--only F1".
ARGS ?=

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1 : /p' $(MAKEFILE_LIST) | awk -F ' : ' '{printf "  make %-11s %s\n", $$1, $$2}'

setup: ## install everything that running and testing need
	@.make/setup.sh dev

setup-run: ## install only what running needs
	@.make/setup.sh run

setup-pi: ## on a Raspberry Pi: install what running with its camera and pins needs
	@.make/setup.sh pi

run: setup-run ## open the staff screen; without a terminal, rehearse three visits
	@if [ -t 0 ]; then exec .venv/bin/mynavisit field --try-out; \
	else exec .venv/bin/mynavisit rehearse --people 3; fi

test: setup ## run the linters and all tests
	@.make/test.sh $(ARGS)

quick-proof: setup ## try a thousandth of what docs/proof.md promises (part of the tests)
	@.make/proof.sh --quick $(ARGS)

proof: setup ## try all that docs/proof.md promises, and write it anew (takes minutes)
	@.make/proof.sh $(ARGS)

bench: setup ## measure the speed side by side and write docs/bench.md (about three minutes)
	@.venv/bin/python -B -m tests.bench $(if $(ARGS),$(ARGS),--write docs/bench.md)

check: setup ## run the linters alone
	@.make/check.sh

format: setup ## format the code and mend what can be mended
	@.venv/bin/ruff format . && .venv/bin/ruff check --fix .

lock: setup ## resolve the dependencies again (UPGRADE=1: to their newest releases)
	@.make/lock.sh

clean: ## remove the environment, caches and build results; data of the program stays
	@rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage htmlcov build dist
	@find appliance mqtt tui tests -name __pycache__ -type d -prune -exec rm -rf {} +
