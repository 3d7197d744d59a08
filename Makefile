# make run: open the window. make test: run every check. make soak: repeat tests for minutes.
# make fuzz: give every reader up to a hundred thousand damaged inputs, in ten minutes. make bench: measure.
# make contrasts: train the recordings that ship with the program anew.
# make setup: install only. make pictures: make the pictures of README and guide anew, and films in build/pictures.
# Each creates .venv first, from the registry that pip is set up for; later calls start at once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: run test soak fuzz bench pictures contrasts setup system-libraries format clean

run: setup
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname -s)" = Darwin ]; then \
		$(BIN)/python main.py; \
	else \
		echo "There is no display: running the demo on a virtual screen and saving its pictures in build/demo/."; \
		$(BIN)/python -m gui.startup.virtual_screen $(BIN)/python main.py demo --out build/demo; \
	fi

test: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 3 --dist worksteal

soak: setup
	$(BIN)/python -m pytest -m soak

fuzz: setup
	$(BIN)/python -m tests.fuzz 100000

bench: setup
	$(BIN)/python -m gui.startup.virtual_screen $(BIN)/python -m tests.benchmarks

pictures: setup
	$(BIN)/python -m gui.startup.pictures

contrasts: setup
	$(BIN)/python -m engine.experiments.contrasts

setup: system-libraries $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v < (3, 14) else "LSTM Visualizer needs Python 3.11, 3.12 or 3.13, this is %d.%d; name another with: make PYTHON=python3.12" % v[:2])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]' -c constraints.txt
	@touch $@

system-libraries: $(STAMP)
	@$(BIN)/python -m gui.startup.system_libraries

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf build $(VENV) .import_linter_cache .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
