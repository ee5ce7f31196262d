# Two commands do everything: `make demo` and `make test`. Both make their own environment in .venv.
PYTHON ?= python3
VENV ?= .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
PORT ?= 8000
FUZZ_S ?= 600
FUZZ_SEED ?= 1
TEST_ARGS ?= -n 2 --dist loadfile

.PHONY: demo test lint bench fuzz clean help

help:
	@echo "make demo    the demonstration city: coverage, a proven plan, the map at http://localhost:$(PORT)"
	@echo "make test    the whole test suite (installs Chromium and PostgreSQL where it may)"
	@echo "make lint    formatting, lint, types, docstrings"
	@echo "make bench   the benchmarks beside their peers"
	@echo "make fuzz    random siting questions against brute force (FUZZ_S=600 seconds, FUZZ_SEED=1)"
	@echo "make clean   remove the environment and all output"

demo: $(VENV)/.ready-run
	$(BIN)/geoplan demo --port $(PORT) $(DEMO_ARGS)

test: $(VENV)/.ready-test
	$(BIN)/python tools/system_packages.py
	$(BIN)/python -m pytest $(TEST_ARGS)

lint: $(VENV)/.ready-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python tools/check_docstrings.py

bench: $(VENV)/.ready-bench
	$(BIN)/geoplan bench reach
	$(BIN)/geoplan bench siting

fuzz: $(VENV)/.ready-test
	$(BIN)/python -m tests.siting.fuzz --seconds $(FUZZ_S) --seed $(FUZZ_SEED)

$(VENV)/.ready-run: pyproject.toml constraints.txt tools/environment.py
	$(PYTHON) tools/environment.py $(VENV) run

$(VENV)/.ready-test: pyproject.toml constraints.txt tools/environment.py
	$(PYTHON) tools/environment.py $(VENV) test

$(VENV)/.ready-bench: pyproject.toml constraints.txt tools/environment.py
	$(PYTHON) tools/environment.py $(VENV) bench

clean:
	rm -rf $(VENV) out dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
