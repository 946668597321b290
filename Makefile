# HPPT-Lab. Each target is one or two visible commands; `make` alone lists them.

PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11, 5))' 2>/dev/null \
	&& echo $$python && break; done)
BIN := .venv/bin
LOCK ?= requirements.lock
TOOLS := build/tools/bin

.DEFAULT_GOAL := help
.PHONY: help course site test quick test-gpu gpu-report lab outputs format constraints lock audit clean model

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

course: model  ## Run every notebook; writes pages to read (HPPT_TIER=smoke for a quick pass)
	$(BIN)/hppt course

site: .venv/installed  ## Write the site: notebooks as they lie here, library, playground (runs nothing)
	$(BIN)/hppt site

test: model  ## Run every check: ruff, mypy, the order of the rooms, pytest
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist worksteal --durations 15

quick: model  ## Run the quick checks: while you work
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m pytest -n 2 --dist worksteal -m 'not slow'

test-gpu: model  ## Run the checks that need an NVIDIA GPU; without one each says why it is skipped
	$(BIN)/python -m pytest -vv -rs tests/gpu

gpu-report: model  ## Measure all that only an NVIDIA GPU can show (15 minutes), into build/gpu-report
	$(BIN)/python -m tests.measure.gpu_report --out build/gpu-report

lab: model  ## Open copies without solutions in JupyterLab (this machine only, with its token)
	$(BIN)/hppt release --add --out notebooks/mine
	cd notebooks && ../$(BIN)/jupyter lab --ip=127.0.0.1 --LabApp.default_url=/lab/tree/mine

outputs: model  ## Run the notebooks at tier cpu and write the outputs back into notebooks/
	$(BIN)/hppt course --in-place --tier cpu

format: .venv/installed  ## Put imports and layout in order
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

constraints: .venv/installed  ## Write the versions installed here into constraints.txt
	$(BIN)/python -m pip freeze --disable-pip-version-check --exclude-editable \
	| sed 's/+cpu$$//' > constraints.txt

# Torch and what its CUDA build brings are left out: which build it is depends on the machine.
lock: build/tools/made  ## Write requirements.lock: the versions of constraints.txt with their hashes
	$(TOOLS)/uv pip compile pyproject.toml --extra dev --constraint constraints.txt --universal \
		--python-version 3.11.5 --generate-hashes --no-annotate --no-header --quiet \
		--output-file build/tools/everything
	awk 'BEGIN { print "# Written by `make lock`, for every system and Python 3.11.5 or newer." } \
		/^[a-z]/ { keep = !/^(torch|triton|nvidia-|cuda-)/ } keep' build/tools/everything > requirements.lock

audit: build/tools/made  ## Look for known vulnerabilities in what make installs (needs a network)
	$(TOOLS)/pip-audit --strict --disable-pip --no-deps --requirement constraints.txt

clean:  ## Delete what make made here (the model in the user's cache stays)
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

# Set-up. The two files in .venv say how far it came: an interrupted step is done again.

model: .venv/installed
	@$(BIN)/hppt fetch

# First what is locked, each file held against its hashes; then torch, in this machine's build, and
# the kit itself. LOCK= leaves the first step out: for a registry that builds packages by itself.
.venv/installed: pyproject.toml constraints.txt $(LOCK) .venv/made
	$(if $(LOCK),$(BIN)/python -m pip install --disable-pip-version-check --require-hashes --no-deps --requirement $(LOCK))
	$(BIN)/python -m pip install --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

.venv/made:
	@$(or $(PYTHON),false) -c 'import sys; sys.exit(sys.version_info < (3, 11, 5))' 2>/dev/null || { \
	echo 'HPPT-Lab needs Python 3.11.5 or newer, and found none. Install one, then: make PYTHON=/path/to/python3'; exit 1; }
	$(PYTHON) -m venv --clear .venv
	@touch $@

build/tools/made:
	$(PYTHON) -m venv --clear build/tools
	$(TOOLS)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.13,<0.14' 'pip-audit>=2.9,<3'
	@touch $@
