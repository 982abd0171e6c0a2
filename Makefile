# `make demo` and `make test` need Python 3.11+ and nothing else. Tests that need a browser (apt: chromium), PostgreSQL
# (apt: postgresql) or Spark (apt: default-jre-headless) are skipped, and say so, where it is missing.
PYTHON ?= python3
BIN := .venv/bin
# Nothing is resolved here: the requirements name every package, its version and the hashes of its files, and what is
# fetched and has another hash is not installed. dbt-core's experimental parser, which downloads a binary when it is
# built, is left out there.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps
LOCKED := $(PIP) --require-hashes
# The drivers of the other engines are installed when a test is required to have one, or with ENGINES=1.
ENGINES ?= $(strip $(foreach engine,postgres spark compile,$(findstring $(engine),$(CX_REQUIRE))))
DEMO := warehouse/demo

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint lint-sql format reference wheel workflow docs pictures bench chaos fuzz mutants coverage \
  survival power lock audit clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

setup: .venv/installed-dev $(if $(ENGINES),.venv/installed-engines) ## create .venv with everything development needs

# What the commands need. The project itself is built by what stands in the requirements too.
.venv/installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(LOCKED) -r requirements.txt
	$(PIP) --no-build-isolation --editable .
	@touch $@

.venv/installed-%: requirements-%.txt .venv/installed
	$(LOCKED) -r requirements-$*.txt
	@touch $@

demo: .venv/installed ## generate data, build, print the scorecard, make the site
	$(BIN)/cx demo --out $(DEMO)
	$(BIN)/cx build --raw $(DEMO)
	$(BIN)/cx scorecard
	$(BIN)/cx docs

test: setup lint ## lint, then every test
	$(BIN)/pytest

# SQLFluff compiles the project as dbt does, on a database of its own.
lint: setup ## ruff, types, the layers of imports, SQLFluff and the checks of the definitions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo
	@$(MAKE) --no-print-directory lint-sql
	$(BIN)/cx check

lint-sql: setup
	mkdir -p target/lint/build
	CX_WAREHOUSE=target/lint DBT_TARGET_PATH=target/lint $(BIN)/sqlfluff lint --disable-progress-bar models tests/dbt

format: setup ## let ruff and SQLFluff fix what they can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	mkdir -p target/lint/build
	CX_WAREHOUSE=target/lint DBT_TARGET_PATH=target/lint $(BIN)/sqlfluff fix --disable-progress-bar models tests/dbt

reference: setup ## what is generated from code: the references of metric file and command line, the tables cx build writes
	$(BIN)/python -m cxmetrics.definitions.reference docs/reference
	$(BIN)/python -m cxmetrics.cli_reference docs/reference/cli.md
	$(BIN)/python -m cxmetrics.published.dbt_source models/build/_cx__sources.yml

# In an environment of its own, and from another folder: what the package lacks is not found in the checkout.
wheel: .venv/installed ## build the package, install it anew, let it say its version and check the definitions
	rm -rf target/wheel
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation \
	  --wheel-dir target/wheel .
	$(PYTHON) -m venv target/wheel/venv
	$(LOCKED:$(BIN)/%=target/wheel/venv/bin/%) -r requirements.txt
	$(PIP:$(BIN)/%=target/wheel/venv/bin/%) target/wheel/*.whl
	cd / && $(CURDIR)/target/wheel/venv/bin/cx --version
	target/wheel/venv/bin/cx check

# Installs packages of the system, as CI does: ONLY=lint, ONLY=package or any other job or part of it.
workflow: setup ## the steps of .github/workflows/ci.yml on this Debian machine, each job in a fresh clone
	$(BIN)/python bench/workflow.py $(if $(ONLY),--only $(ONLY))

docs: .venv/installed ## the documentation site, from what was published last
	$(BIN)/cx docs

pictures: setup ## the pictures of the site that README and docs show, from the demo
	CX_PICTURES=docs/pictures $(BIN)/pytest -n 0 tests/browser/test_pictures.py -k taken

bench: setup ## cx build and its guards against plain dbt build, the site against dbt docs, the time of cx check
	$(BIN)/python bench/build_ratio.py
	$(BIN)/python bench/guard_ratio.py
	$(BIN)/python bench/site_size.py
	$(BIN)/python bench/check_seconds.py

mutants: setup ## break every definition in many ways; a golden case that does not notice fails
	$(BIN)/python bench/mutants.py

coverage: setup ## how often the 95 % intervals hold the truth
	$(BIN)/python bench/interval_coverage.py

survival: setup ## are the times with cases that still wait those of lifelines (PUBLISHED=warehouse/cx.duckdb)
	$(BIN)/python bench/survival_oracle.py $(PUBLISHED)

# About an hour and a half on a machine with nothing else to do; --log FILE lets an interrupted run go on.
power: setup ## does the audit find what is planted, and nothing where nothing is
	$(BIN)/python bench/audit_power.py

# About fifteen seconds a kill on a machine with nothing else to do.
KILLS ?= 200
chaos: setup ## kill cx build at random instants (KILLS=200): what is published stays whole
	$(BIN)/python bench/chaos.py --kills $(KILLS)

# Atheris has wheels for Linux only, so it is no requirement of the project.
fuzz: setup .venv/installed-tools ## metric files, raw files, filters and command lines nobody would write (SECONDS=60 each): words, no loss, no hang
	$(BIN)/python bench/fuzz.py --seconds $(or $(SECONDS),60)

UV_COMPILE := $(BIN)/uv pip compile --universal --python-version 3.11 --no-emit-index-url --no-header --quiet \
  --generate-hashes --annotation-style line --upgrade
lock: .venv/installed-tools ## choose versions anew, with their hashes
	$(UV_COMPILE) pyproject.toml --extra build --output-file requirements.txt
	$(UV_COMPILE) pyproject.toml --extra dev --constraint requirements.txt --output-file requirements-dev.txt
	$(UV_COMPILE) pyproject.toml --extra postgres --extra spark --extra compile --constraint requirements-dev.txt \
	  --output-file requirements-engines.txt
	$(UV_COMPILE) requirements-tools.in --constraint requirements-dev.txt --output-file requirements-tools.txt

LOCKS := requirements.txt requirements-dev.txt requirements-engines.txt requirements-tools.txt
audit: .venv/installed-tools ## is anything that is installed known to be unsafe (asks an index of advisories)
	$(BIN)/pip-audit --require-hashes --disable-pip $(LOCKS:%=--requirement %)

clean: ## everything that was made, but not .venv, warehouse/ or raw/
	rm -rf target logs .pytest_cache .ruff_cache
