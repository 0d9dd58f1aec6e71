# Two commands do everything on a fresh machine with Python 3.11 or newer: make run, make test.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test lint bench window clean

run: .venv/installed
	$(BIN)/worldloom demo

test: .venv/tested  # first what needs no screen, then real windows (skipped without xvfb and xdotool)
	$(BIN)/python -m pytest -n auto --dist loadfile
	$(MAKE) window

lint: .venv/tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

window: .venv/tested  # real mouse and keys: apt-get install xvfb xdotool
	$(BIN)/python -m pytest -rs -o 'norecursedirs=.*' tests/window

bench: .venv/tested
	$(BIN)/python -m tests.bench

.venv/installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -e .
	touch $@

.venv/tested: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -e ".[test]"
	touch $@ .venv/installed

clean:
	rm -rf .venv build *.egg-info
