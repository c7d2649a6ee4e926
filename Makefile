# make run sets everything up in .venv and answers the question that started the project;
# make test sets everything up and runs every check. Both need Python 3.11 or newer, nothing else.
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=

.PHONY: setup run test test-all check bench watch picture posterior golden

setup: .venv/ready

.venv/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@echo "Setting up .venv (once, a minute or two) ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@

run: setup
	$(BIN)/uptake run $(ARGS)

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check
	$(BIN)/python -m pytest -q -n auto $(ARGS)

test-all: check
	$(BIN)/python -m pytest -q -n auto -m "slow or not slow" $(ARGS)

bench: setup
	$(BIN)/uptake bench $(ARGS)

watch: setup
	$(BIN)/uptake watch $(ARGS)

picture: setup  # the figures that the README shows
	$(BIN)/uptake run out=outputs/picture
	$(BIN)/uptake episodes out=outputs/pictures
	rm -rf outputs/swept
	$(BIN)/uptake run -m levers.upfront_fee_gbp=0,5000,10000,20000,35000,50000 levers.pressure=0,0.25,0.5,1 out=outputs/swept
	cp outputs/picture/adoption_curve.png outputs/pictures/episodes.png outputs/swept/heat_map.png docs/figures/

posterior: setup  # the draws that the package brings; an hour on two cores
	$(BIN)/uptake calibrate 'variants=[all]' calibration.resume=true out=outputs/posterior
	cp outputs/posterior/draws/*.parquet configs/parameters/posterior/
	cp outputs/posterior/learnt.png outputs/posterior/predicted.png docs/figures/

golden: setup  # after a change that is meant to change results
	$(BIN)/python tests/golden.py
