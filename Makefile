# make run sets everything up in .venv and answers the question that started the project;
# make test sets everything up and runs every check. Both need Python 3.11 or newer, nothing else.
# make help lists the others.
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=

# One worker more than cores: some always wait, for a browser, a cluster or a process.
WORKERS = $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')
PYTEST = $(BIN)/python -m pytest -q -n $(WORKERS)

.PHONY: help setup run test test-all quick check compiled browser shells ready bench bench-page watch docs reference picture screenshots posterior golden

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

define VENV
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	{ echo "Python 3.11 or newer is needed; name one: make run PYTHON=python3.12"; exit 1; }
@echo "Setting up .venv (once, a minute) ..."
@$(PYTHON) -m venv .venv
endef

.venv/base: pyproject.toml constraints.txt  # what uptake itself needs
	$(VENV)
	@$(INSTALL) -e .
	@touch $@

.venv/ready: pyproject.toml constraints.txt  # and what the page and the tests need
	$(VENV)
	@$(INSTALL) -e '.[test]'
	@touch .venv/base $@

setup: .venv/ready  ## the environment in .venv, with all that is run and tested

run: .venv/base  ## the question that started the project; ARGS="levers.upfront_fee_gbp=10000" asks another
	$(BIN)/uptake run $(ARGS)

check: setup  ## style, types and the order of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

compiled: setup  # the engine and the rules of Mesa's agents, once and not by every worker of the tests
	@$(BIN)/python tests/compiled.py

browser:  # Chromium, in which the page is tested: Debian's is installed where that is allowed
	@for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit 0; done; \
		[ "$(UPTAKE_NO_BROWSER)" = 1 ] && exit 0; \
		command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null || \
		{ echo "The page is tested in Chromium: install it (sudo apt-get install chromium), or go without: UPTAKE_NO_BROWSER=1 make test"; exit 1; }

shells: browser  # in which, beside bash, lines of the README and completion are tried; without them, those tests are skipped
	@{ command -v zsh && command -v fish; } >/dev/null || { command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends zsh fish >/dev/null; } || \
		echo "There is no zsh or no fish here: what is tried in them is skipped."

export UPTAKE_NO_BROWSER

ready: check compiled shells

test:  ## every check and every test but the slow ones
	@$(MAKE) --no-print-directory -j 3 ready
	$(PYTEST) --durations=10 $(ARGS)

test-all:  ## every check and every test
	@$(MAKE) --no-print-directory -j 3 ready
	$(PYTEST) --durations=10 -m "slow or not slow" $(ARGS)

quick:  ## checks, and the tests that run no whole command
	@$(MAKE) --no-print-directory -j 2 check compiled
	$(PYTEST) -m "not slow and not long" $(ARGS)

bench: setup  ## how fast the engine is, beside a plain Mesa model
	$(BIN)/uptake bench $(ARGS)

bench-page: setup browser  ## how fast the page answers, and how much memory five of its readers take
	$(BIN)/python tests/benchmarks/page.py

watch: setup  ## the page in the browser
	$(BIN)/uptake watch $(ARGS)

docs: setup  ## the pages and the Python interface as a site, in build/site; no network is needed
	$(BIN)/python -W error -m mkdocs build --strict
	@echo "Everything is in build/site: open index.html there."

reference: setup  ## the page of keys, from the schema
	$(BIN)/python docs/reference/keys.py > docs/reference/scenario.md
	$(BIN)/python docs/reference/histories.py > docs/reference/histories.md

picture: setup  ## the figures that the README shows
	rm -rf outputs/picture outputs/pictures outputs/swept outputs/skill outputs/explain outputs/decide outputs/sensitivity
	$(BIN)/uptake explain out=outputs/explain
	cp outputs/explain/explain.png docs/figures/
	$(BIN)/uptake decide target=25 out=outputs/decide
	cp outputs/decide/decide_levers.png docs/figures/decide.png
	$(BIN)/uptake sensitivity scenario=stp_back_office_2016 out=outputs/sensitivity
	cp outputs/sensitivity/sensitivity.png docs/figures/
	$(BIN)/uptake run levers.upfront_fee_gbp=10000 out=outputs/picture
	cp outputs/picture/adoption_curve_*.png docs/figures/what_happened.png
	$(BIN)/uptake skill out=outputs/skill
	$(BIN)/uptake episodes out=outputs/pictures
	$(BIN)/python experiments/sixty_councils.py 1000 docs/figures/sixty_councils.png
	$(BIN)/uptake run -m levers.upfront_fee_gbp=0,5000,10000,20000,35000,50000 levers.pressure=0,0.25,0.5,1 out=outputs/swept
	cp outputs/skill/skill.png outputs/pictures/episodes.png outputs/swept/heat_map.png docs/figures/

screenshots: setup browser  ## the pictures of the page in README and docs
	$(BIN)/python tests/screenshots.py

posterior: setup  ## the draws that the package brings, history by history; hours on two cores, it can be stopped
	$(BIN)/uptake calibrate calibration.resume=true out=outputs/posterior
	rm -rf configs/parameters/posterior
	mkdir configs/parameters/posterior
	cp -r outputs/posterior/draws/* outputs/posterior/skill configs/parameters/posterior/
	cp outputs/posterior/learnt.png outputs/posterior/predicted.png docs/figures/

golden: setup  ## the results on record, after a change that is meant to change them
	$(BIN)/python tests/golden.py
