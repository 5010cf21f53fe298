PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: install check test bench report lint clean

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "torch" -c constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[test,cluster]" -c constraints.txt
	touch $@

check: install
	mkdir -p results
	$(BIN)/ncheck check --profile quick --reuse --json results/check.json
	$(BIN)/ncheck report

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: install lint
	$(BIN)/python -m pytest -n 2 --dist loadgroup

$(VENV)/.bench: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[bench]" -c constraints.txt
	touch $@

bench: $(VENV)/.bench
	mkdir -p results
	$(BIN)/python benchmarks/evaluation.py --json results/evaluation.json
	$(BIN)/python benchmarks/training.py --json results/training.json
	$(BIN)/python benchmarks/sweep.py --json results/sweep.json

report: install
	$(BIN)/ncheck report

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
