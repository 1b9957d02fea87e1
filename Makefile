# make serve | test | check | bench | messages
# Everything goes into .venv; a second run is quick. Nothing but Python 3.11+ is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made

.PHONY: serve test check bench browser starter messages clean

serve: $(STAMP)/serve
	@$(BIN)/wiki serve . $(SERVE_OPTIONS)

test: $(STAMP)/test browser
	$(BIN)/python -m pytest $(PYTEST_OPTIONS)

check: $(STAMP)/check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/djlint --lint wiki/templates plugins --profile jinja --quiet
	$(BIN)/codespell

bench: $(STAMP)/test
	$(BIN)/python -m bench

# Notes which pages are shipped, and how they read.
starter:
	cd pages && git ls-files '*.md' | LC_ALL=C sort | tr '\n' '\0' | xargs -0 sha256sum > ../wiki/starter.sha256

# Collects the sentences of the product and compiles the catalogs.
messages: $(STAMP)/check
	$(BIN)/python -m wiki.web.catalogs

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Common Ground needs Python 3.11 or newer; this is $$($(PYTHON) --version). Name one: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(STAMP)/serve: setup.cfg pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -e .
	@mkdir -p $(STAMP) && touch $@

$(STAMP)/test: setup.cfg pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[test]'
	@mkdir -p $(STAMP) && touch $@ $(STAMP)/serve

$(STAMP)/check: setup.cfg pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[test,check]'
	@mkdir -p $(STAMP) && touch $@ $(STAMP)/test $(STAMP)/serve

# The browser tests drive a Chromium; on Debian as root it is installed, elsewhere
# the tests that need it are skipped and say so.
browser:
	@command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 \
	  || command -v google-chrome >/dev/null 2>&1 || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
	      --no-install-recommends chromium fonts-noto-core >/dev/null; \
	  else \
	    echo "No Chromium here: browser tests are skipped. Enable them: install the package chromium."; \
	  fi; }

clean:
	rm -rf $(VENV) build dist *.egg-info
