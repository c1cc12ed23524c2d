# The commands of this project. Each sets up what it needs first; see CONTRIBUTING.md.
PYTHON3 ?= python3
BIN := .venv/bin
# Some machines forbid it; then every process compiles two thousand modules anew.
export PYTHONDONTWRITEBYTECODE :=
export ANLAN_GOLDEN ?= $(wildcard $(CURDIR)/../shared/data)

.PHONY: help setup setup-dev demo test tests lint lint-types lint-rest pictures bench release clean

help:
	@echo "make demo      reference city in a storm: sets up everything, prints URL and accounts"
	@echo "make test      sets up everything, then every check and test"
	@echo "make lint      checks only"
	@echo "make bench     figures beside their comparison; ONLY=ingest runs a part"
	@echo "make pictures  the README's pictures, taken anew from the demo (minutes)"
	@echo "make release   a folder that installs without any registry"

setup:
	@$(PYTHON3) tools/setup.py --frontend

demo: setup
	@$(BIN)/anlan demo

setup-dev:
	@$(PYTHON3) tools/setup.py --dev --frontend --browser

lint: setup-dev
	@$(MAKE) --no-print-directory -j 2 lint-types lint-rest

# The longest beside all others.
lint-types:
	$(BIN)/mypy

lint-rest:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check
	$(BIN)/python tools/translations.py check
	cd frontend && npm run --silent check

# Beside the checks: browsers and servers that tests wait for leave a core to them.
test: setup-dev
	@$(MAKE) --no-print-directory -j 3 lint-types lint-rest tests

tests:
	$(BIN)/pytest -n 2 --dist worksteal -p no:schemathesis -m "not server and not fault and not demo and not city"

pictures: setup-dev
	ANLAN_PICTURES=1 $(BIN)/pytest -q -p no:randomly tests/journeys/test_pictures.py

bench: setup-dev
	$(BIN)/python benchmarks/run.py $(if $(ONLY),--only $(ONLY))

release:
	$(PYTHON3) tools/release.py

clean:
	rm -rf .venv build dist frontend/node_modules
