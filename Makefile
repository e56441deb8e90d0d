# Everything is installed in .venv/ beside this file, from the hashed locks; the stamps in it say what is already there.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
MADE := .venv/.made
BASE := .venv/.base
TEST := .venv/.test
ARGS ?=
# What was compiled is kept, whatever the environment says: a run of the tests starts hundreds of processes.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo test tamper sabotage chaos simulate restore-drill fuzz audit sbom licenses lint types lock clean
.DEFAULT_GOAL := help

help:
	@echo 'make demo [ARGS=--no-serve]  simulate a clinic, report on it, then serve its API'
	@echo 'make test [ARGS=...]         lint, check types, run every test (ARGS go to pytest)'
	@echo 'make tamper                  change one byte of a packet, ten thousand times'
	@echo 'make sabotage                put defects in, one by one, and see the tests go red'
	@echo 'make fuzz                    ask every operation of the API by every role, 200 times, what its description allows and forbids'
	@echo 'make audit                   ask the public database of weaknesses about every locked package'
	@echo 'make sbom | make licenses    bill of materials (build/sbom.json) | licenses, and those that are not allowed'
	@echo 'make chaos [ARGS=...]        kill, cut, fill up and fail everything for 20 minutes; nothing may be lost'
	@echo 'make simulate [ARGS=...]     a thousand mornings of the clinic with faults, on a virtual clock'
	@echo 'make restore-drill [N=100]   restore a lost server to N random moments'
	@echo 'make lint | make types       only the linters | only the type checker'
	@echo 'make lock                    resolve the dependencies of pyproject.toml anew (needs uv)'
	@echo 'make clean                   remove .venv/ and caches; the data in .iop-es/ stays'

demo: $(BASE)
	@$(BIN)/iop-es demo $(ARGS)

# A test file goes to one process, so that what its tests share is made once; see tests/conftest.py.
PARALLEL := -n auto --no-loadscope-reorder

# The type checker runs beside the tests, and is heard where it finds something.
test: $(TEST) lint
	@$(BIN)/mypy >.venv/.types 2>&1 & types=$$!; $(BIN)/python -m pytest $(PARALLEL) $(ARGS); tests=$$?; \
		wait $$types || { cat .venv/.types >&2; exit 3; }; exit $$tests

# Ten thousand packets with one byte changed: each must be refused.
tamper: $(TEST)
	@IOP_ES_TAMPER=10000 $(BIN)/python -m pytest tests/engine/packet -k test_any_byte_counts

# Each defect in a copy of the project; a test suite that stays green with one is the defect.
sabotage: $(TEST)
	@$(BIN)/python -m tests.sabotage $(ARGS)

# Leaves with an error where something is weak, and also where not every package could be asked about.
audit: $(TEST)
	@$(BIN)/python -m tests.supply audit

sbom: $(TEST)
	@$(BIN)/python -m tests.supply sbom build/sbom.json

licenses: $(TEST)
	@$(BIN)/python -m tests.supply licenses

# By every role, two hundred times; it takes an hour or two. The seed is printed, and IOP_ES_FUZZ_SEED sets it.
fuzz: $(TEST)
	@IOP_ES_FUZZ=200 $(BIN)/python -m pytest $(PARALLEL) -rP tests/api/test_fuzz.py $(ARGS)

# Each seed is a morning of the clinic, the same whenever and wherever it is run.
simulate: $(TEST)
	@$(BIN)/python -m tests.simulation $(ARGS)

# Its seed is printed; ARGS='--seed N' draws the same faults again.
chaos: $(TEST)
	@IOP_ES_CHAOS=1 $(BIN)/python -m pytest -q tests/chaos/test_failing.py
	@$(BIN)/python -m tests.chaos $(ARGS)

# A server is lost and restored to N random moments: the facts of then must be there, and no others.
N ?= 100
restore-drill: $(TEST)
	@IOP_ES_DRILL=$(N) $(BIN)/python -m pytest tests/cli/test_restoring.py

lint: $(TEST)
	@$(BIN)/ruff check .

types: $(TEST)
	@$(BIN)/mypy

# make itself always leaves with 2 when a recipe fails; the recipe leaves with 3, which make prints.
$(MADE):
	@command -v $(PYTHON) >/dev/null || { echo 'Python is missing: install the packages python3 and python3-venv, then run make again.' >&2; exit 3; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { echo 'This project needs Python 3.11, 3.12 or 3.13: name one with make PYTHON=python3.12.' >&2; exit 3; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo 'Python cannot make an environment here: install the package python3-venv, then run make again.' >&2; exit 3; }
	@echo 'Making .venv/ (once) ...'
	@$(PYTHON) -m venv .venv
	@touch $@

$(BASE): $(MADE) requirements.lock pyproject.toml
	@$(PIP) install --no-compile --require-hashes -r requirements.lock
	@$(PIP) install --no-compile --no-deps --no-build-isolation --config-settings editable_mode=compat -e .
	@touch $@

$(TEST): $(BASE) requirements-test.lock
	@echo 'Adding the test tools to .venv/ (once) ...'
	@$(PIP) install --no-compile --require-hashes -r requirements-test.lock
	@touch $@

LOCK := uv pip compile -q pyproject.toml --group build --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --upgrade
lock:
	@$(LOCK) -o requirements.lock
	@$(LOCK) -c requirements.lock --group test -o requirements-test.lock

clean:
	@rm -rf .venv build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
