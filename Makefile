# Every target makes .venv from the pinned requirements when it is missing or older than they are.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIPFLAGS)
# Many processes start while the tests run: each finds the modules compiled.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo run test check format migration lock bench faults clean .venv
help:
	@echo "make demo    a whole season on a simulated Discord (no account needed)"
	@echo "make run     the bot on Discord (needs a token in config.toml)"
	@echo "make test    the tests        make check   ruff and pyright"
	@echo "make bench   the formation benchmarks against their peers"
	@echo "make faults  the long campaigns of kills, storms and load (an hour)"
	@echo "make format  tidy the code    make lock    pin the requirements anew"
	@echo 'make migration m="What changes"    write a migration from what the models changed'

.venv: $(STAMP)

$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Peer Circles needs Python 3.11 or newer, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv .venv
	$(PIP) --require-hashes -r requirements-dev.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

# The tests also compare our statistics with other people's: nobody else needs those packages.
ORACLES := .venv/.oracles
$(ORACLES): $(STAMP) requirements-oracles.lock
	$(PIP) --require-hashes -r requirements-oracles.lock
	@touch $@

demo: $(STAMP)
	$(BIN)/peer-circles demo $(ARGS)

run: $(STAMP)
	$(BIN)/peer-circles run $(ARGS)

# One worker more than processors: some tests wait for processes that they started.
WORKERS ?= $(shell expr $$(nproc 2>/dev/null || sysctl -n hw.ncpu) + 1)
test: $(ORACLES)
	$(BIN)/pytest -n $(WORKERS) --dist worksteal $(ARGS)

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The newest schema is made in a folder of its own, and compared with the models.
migration: $(STAMP)
	@test -n "$(m)" || { echo 'say what changes: make migration m="What changes"' >&2; exit 2; }
	@$(BIN)/python -c 'import sys, tempfile; from pathlib import Path; from db.migrate import autogenerate, upgrade; \
	  path = Path(tempfile.mkdtemp()) / "newest.db"; upgrade(path); autogenerate(path, sys.argv[1])' "$(m)"
	@$(BIN)/ruff format --quiet migrations && $(BIN)/ruff check --quiet --fix migrations

bench: $(STAMP)
	$(BIN)/python -m tests.benchmarks $(ARGS)

# Its figures go into docs/reliability.md.
faults: $(STAMP)
	$(BIN)/python -m tests.wire $(ARGS)
	CRASH_CIRCLE_SIZE=4 $(BIN)/pytest -n auto tests/cogs/test_crash.py
	DUE_ON_POSTGRES=10000 $(BIN)/pytest tests/services/test_due.py -k ten_thousand

# uv is the only tool this needs beyond python3; it writes hashes and no index address.
LOCK := uv pip compile --quiet --generate-hashes --universal --no-header --no-emit-index-url --python-version 3.11 pyproject.toml
lock:
	$(LOCK) --extra postgres --output-file requirements.lock
	$(LOCK) --extra postgres --extra demo --group dev --output-file requirements-dev.lock
	$(LOCK) --extra postgres --extra demo --group oracles --output-file requirements-oracles.lock

clean:
	rm -rf .venv demo-output .pytest_cache .ruff_cache .hypothesis
