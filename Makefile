# Every command of the project. `make` alone lists them.
SHELL := /bin/sh
PYTHON ?= python3
UV := .tools/bin/uv
# The system's certificates, and never another Python than the one that is here.
UV_ENV := UV_SYSTEM_CERTS=1 UV_NATIVE_TLS=1 UV_PYTHON_DOWNLOADS=never UV_NO_CONFIG=1
PORT ?= 8000
# A worker for each core; the tests of one file, which may share a costly fixture, stay on one.
WORKERS := -n logical --dist loadfile

# Where Python is told to keep no compiled modules, each of hundreds of processes would compile some 2,700 anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup run test slow unit check bench docs lock

help: ## List the commands.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

.venv/.ready: requirements.lock requirements-dev.lock package-lock.json pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "sizao needs Python 3.11 or newer; set PYTHON=… to one."; exit 1; }
	@test -x $(UV) || { $(PYTHON) -m venv .tools && .tools/bin/pip install --quiet uv; }
	@test -x .venv/bin/python || $(PYTHON) -m venv --without-pip .venv
	$(UV_ENV) $(UV) pip install --quiet --compile-bytecode --python .venv/bin/python --require-hashes -r requirements-dev.lock
	$(UV_ENV) $(UV) pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation -e .
	@PYTHON=.venv/bin/python UV="$(UV_ENV) $(UV)" sh tools/node-packages.sh
	@touch $@

setup: .venv/.ready ## Install everything into .venv and node_modules.

run: setup ## Load the outbreak of January 2021 and serve it on http://127.0.0.1:$(PORT).
	.venv/bin/sizao run --port $(PORT)

test: check ## Check, then run all tests, browser included.
	@sh tools/browser-packages.sh
	@sh tools/java-packages.sh
	.venv/bin/python -m pytest $(WORKERS) --took var/took.csv

slow: setup ## Renew the list of slow tests, by what each took in the last `make test`.
	.venv/bin/python -m tests.slowness var/took.csv

unit: setup ## Run the tests without the browser and the slow ones.
	.venv/bin/python -m pytest $(WORKERS) -m "not browser and not slow"

check: setup ## Format, lint, types, contracts, migrations, generated files.
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/sizao docs --check

bench: setup ## Measure; figures are ratios and percentiles of one run on this machine.
	.venv/bin/python -m bench

docs: setup ## Rebuild the generated pages.
	.venv/bin/sizao docs

lock: ## Renew the locks (needs the network).
	@test -x $(UV) || { $(PYTHON) -m venv .tools && .tools/bin/pip install --quiet uv; }
	$(UV_ENV) $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --no-annotate -o requirements.lock pyproject.toml
	$(UV_ENV) $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --no-annotate --group dev -o requirements-dev.lock pyproject.toml
	npm install --package-lock-only --ignore-scripts
