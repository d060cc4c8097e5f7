# All that this needs is Python 3.11 or newer with pip; the rest goes into .venv, made on first use.
# An older python3 on the PATH? Name another: make test PYTHON=python3.12

PYTHON ?= python3
WORKERS ?= 2
PYTEST_ARGS ?=
BENCH_ARGS ?=
PINS_ARGS ?=
FUZZ_SECONDS ?= 60
VENV := .venv
PY := $(VENV)/bin/python
PIP_INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test lint format types api arch docs pictures check audit fuzz pins soak reliability bench browser clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/.installed-run ## push the examples to the embedded GitHub: no token, no network
	@$(PY) -m ghsync demo

test: $(VENV)/.installed-test ## run the test suite
	@$(PY) -m pytest -n $(WORKERS) $(PYTEST_ARGS)

lint: $(VENV)/.installed-lint ## ruff: rules and format; zizmor and actionlint: the workflows
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) action/lint.py

format: $(VENV)/.installed-lint ## ruff: mend what can be mended
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

types: $(VENV)/.installed-lint ## mypy --strict
	@$(PY) -m mypy
	@$(PY) -m mypy --strict examples/library/*.py tests/api/use.py

api: $(VENV)/.installed-test ## note a change of the public API in tests/api/public.txt
	@$(PY) tests/api/surface.py > tests/api/public.new
	@mv tests/api/public.new tests/api/public.txt

arch: $(VENV)/.installed-lint ## import-linter: imports point down, the core stays pure
	@$(VENV)/bin/lint-imports

docs: $(VENV)/.installed-docs ## the documentation site, into build/docs
	@$(PY) -m sphinx -q -W --keep-going -b html docs build/docs
	@! grep -rlF '.. option::' build/docs --include '*.html'  # a directive shown, not obeyed
	@echo "build/docs/index.html"

pictures: $(VENV)/.installed-run ## take the README's pictures of a terminal anew
	@$(PY) docs/pictures.py

check: test lint types arch docs ## everything that CI runs

audit: $(VENV)/.installed-run ## pip-audit: known vulnerabilities of what the Action installs
	@$(PIP_INSTALL) --editable ".[audit]"
	@$(PY) .ci/audit.py $(AUDIT_ARGS)

fuzz: $(VENV)/.installed-test ## fuzz loader, markers, texts, decoder and state files (FUZZ_SECONDS=60 each)
	@$(PIP_INSTALL) --editable ".[fuzz]"
	@cd tests && ../$(PY) -m fuzz $(FUZZ_SECONDS)

soak: $(VENV)/.installed-test ## the long walks that `make test` leaves out
	@$(PY) -m pytest -m soak --timeout 3600 $(PYTEST_ARGS) || { \
	  code=$$?; test $$code -eq 5 && echo "no soak test is written yet" || exit $$code; }

pins: $(VENV)/.installed-run ## write action/constraints.txt: what the Action installs (PINS_ARGS=--upgrade: anew)
	@$(PIP_INSTALL) --editable ".[pins]"
	@echo "hatchling>=1.25" | $(VENV)/bin/uv pip compile pyproject.toml - --quiet --universal \
	  --python-version 3.11 --generate-hashes --no-header --no-annotate --output-file action/constraints.txt $(PINS_ARGS)

reliability: $(VENV)/.installed-bench ## duplicates and losses beside other clients (Octokit by npm; 3 minutes)
	@$(PY) -m benchmarks.reliability

bench: $(VENV)/.installed-bench ## speed beside other clients, and the page on it (BENCH_ARGS=--quick: 2 minutes)
	@$(PY) -m benchmarks $(BENCH_ARGS)

browser: ## install a Chromium for the tests of the HTML page, where root and apt-get can
	@for name in chromium chromium-browser google-chrome google-chrome-stable chrome; do \
	  if command -v $$name >/dev/null; then echo "ghsync: $$name is there" >&2; exit 0; fi; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  export DEBIAN_FRONTEND=noninteractive; \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	else echo "ghsync: no Chromium, and none can be installed; those tests are skipped" >&2; fi

clean: ## remove the virtual environment, caches and builds
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ------------------------------------------------------------------ the virtual environment

# Stamped on pyproject.toml: installed again when the dependencies change, and only then.
# Extras and not dependency groups, because the pip of a fresh Python 3.11 does not know groups.
$(VENV)/.installed-run: pyproject.toml | $(PY)
	@echo "ghsync: installing into $(VENV) (once)" >&2
	@$(PIP_INSTALL) --editable .
	@touch $@

$(VENV)/.installed-test: pyproject.toml | $(PY)
	@echo "ghsync: installing the test tools into $(VENV) (once)" >&2
	@$(PIP_INSTALL) --editable ".[test]"
	@touch $@ $(VENV)/.installed-run

$(VENV)/.installed-bench: pyproject.toml | $(PY)
	@echo "ghsync: installing the peers into $(VENV) (once)" >&2
	@$(PIP_INSTALL) --editable ".[bench]"
	@touch $@ $(VENV)/.installed-run

$(VENV)/.installed-docs: pyproject.toml | $(PY)
	@echo "ghsync: installing the documentation's tools into $(VENV) (once)" >&2
	@$(PIP_INSTALL) --editable ".[docs]"
	@touch $@ $(VENV)/.installed-run

$(VENV)/.installed-lint: pyproject.toml | $(PY)
	@echo "ghsync: installing the checkers into $(VENV) (once)" >&2
	@$(PIP_INSTALL) --editable ".[test,lint]"
	@touch $@ $(VENV)/.installed-test $(VENV)/.installed-run

# Missing, or its Python was removed: made anew, and everything is installed again.
$(shell test -x $(PY) || rm -f $(VENV)/.installed-*)
$(PY):
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null || { \
	  echo "ghsync: '$(PYTHON)' is missing or older than 3.11; name another: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -m venv --clear $(VENV) || { \
	  echo "ghsync: '$(PYTHON) -m venv' failed; on Debian or Ubuntu first: apt-get install python3-venv" >&2; exit 2; }
