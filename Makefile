# `make run` and `make test` need git, make and Python 3.11 or newer; everything else they install into .venv.

# MPLBACKEND stays unset: a kernel that inherits it draws no figures into its notebook.
unexport MPLBACKEND

PYTHON ?= python3
PIP = .venv/bin/python -m pip --disable-pip-version-check
PYTEST = .venv/bin/python -m pytest

.PHONY: help run test quick lowest fuzz browser-test bench lab notebooks answers lock clean

help:
	@echo 'make run    read the shipped report and write exports/: workbook, figures, notebooks, tables'
	@echo 'make test   lint, types, unit tests and doctests, notebooks, and the wheel in a clean environment'
	@echo 'make quick  what changes most often, in half a minute: to run while typing'
	@echo 'make lowest the tests with the lowest versions that pyproject.toml allows (some minutes)'
	@echo 'make fuzz   throw sixty thousand mutated texts and seven thousand documents and files at the package (a quarter of an hour)'
	@echo 'make bench  measure speed and growth, as ratios to a floor in the same run (some minutes)'
	@echo 'make browser-test  run the notebooks in JupyterLab, in a headless Chromium; screenshots in exports/browser'
	@echo 'make lab    open JupyterLab on the notebooks'
	@echo 'make notebooks  execute the notebooks again where they are, as they are committed'
	@echo 'make answers    write the shipped answers anew: data/tables, docs/overview.html, docs/cdip-24.xlsx'
	@echo 'make lock   write requirements.lock from pyproject.toml (UPGRADE=1: with the newest versions)'
	@echo 'make clean  remove everything that make wrote'
	@echo 'Another Python: make run PYTHON=/path/to/python3.13'

run: .venv/.installed
	.venv/bin/cdip run --out exports

test: .venv/.installed
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	$(PYTEST) -m 'not wheel' -n auto --maxprocesses 4 --dist worksteal
	$(PYTEST) --nbval --nbval-current-env --nbval-cell-timeout 120 notebooks
	$(PYTEST) -m wheel tests/test_wheel.py

QUICK = cite header judgements reading tables compare readme

quick: .venv/.installed
	.venv/bin/ruff check .
	$(PYTEST) -q $(QUICK:%=tests/test_%.py)

# The lowest direct versions. Pictures and layout are those of the locked version of matplotlib, and are left out; so is what takes a
# warning for an error: matplotlib 3.10 is itself warned by the pyparsing of today.
lowest: .venv-lock/bin/uv
	rm -rf .venv-lowest
	"$(PYTHON)" -m venv .venv-lowest
	.venv-lock/bin/uv pip compile -q --resolution lowest-direct --python .venv-lowest/bin/python --all-extras --group dev \
	  --no-header --no-annotate -o .venv-lowest/requirements.txt pyproject.toml
	.venv-lock/bin/uv pip install -q --python .venv-lowest/bin/python -r .venv-lowest/requirements.txt
	.venv-lock/bin/uv pip install -q --python .venv-lowest/bin/python --no-deps --no-build-isolation -e .
	.venv-lowest/bin/python -m pytest -q -m 'not wheel' -W default -k 'not picture and not lie_apart and not nbval and not poor_surroundings' \
	  -o addopts='--import-mode=importlib --doctest-modules --benchmark-disable'

# What fails is kept in tests/regressions, which `make test` reads; SEED=... repeats a run.
fuzz: .venv/.installed
	.venv/bin/python tests/fuzz.py $(if $(SEED),--seed $(SEED))

# Each figure is a ratio to a floor taken in the same run; the ordinary tests time nothing.
bench: .venv/.installed
	mkdir -p .benchmarks
	$(PYTEST) tests/benchmarks/bench_*.py -q --tb=line --benchmark-enable --benchmark-quiet --benchmark-json=.benchmarks/bench.json

browser-test: .venv/.installed
	$(PYTEST) tests/browser/lab.py

# In a container one is root, and Jupyter then wants to be told so.
lab: .venv/.installed
	.venv/bin/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) --notebook-dir=notebooks --LabApp.default_url=/lab/tree/00_start.ipynb

# With neither times nor versions in them.
notebooks: .venv/.installed
	.venv/bin/jupyter nbconvert --execute --inplace --log-level=ERROR --ExecutePreprocessor.record_timing=False \
	  --ClearMetadataPreprocessor.enabled=True \
	  --ClearMetadataPreprocessor.preserve_nb_metadata_mask="['kernelspec', ('language_info', 'name')]" \
	  --ClearMetadataPreprocessor.preserve_cell_metadata_mask="['tags']" notebooks/*.ipynb notebooks/how-to/*.ipynb

# What a visitor sees without a set-up. A test holds them equal to what the code makes.
answers: .venv/.installed
	.venv/bin/cdip read zh docs/overview.html --force
	.venv/bin/cdip export zh docs/cdip-24.xlsx --force
	.venv/bin/python -c 'import cdip_analysis as c; c.export_csv(c.load_report(), "data/tables", overwrite=True)'

# The stamps are written last, so an interrupted set-up starts again from nothing. The editable install has a stamp of its own:
# a change of pyproject.toml alone does not bring back two hundred packages.
.venv/.locked: requirements.lock
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11, 5))' || { \
	  echo 'Python 3.11.5 or newer is needed, and "$(PYTHON)" is not: make PYTHON=/path/to/python3.11' >&2; exit 1; }
	rm -rf .venv
	"$(PYTHON)" -m venv .venv
	$(PIP) install --require-hashes -r requirements.lock
	touch $@

.venv/.installed: .venv/.locked pyproject.toml
	$(PIP) install --no-deps --no-build-isolation -e .
	touch $@

# uv is no part of the lock: only who changes the requirements needs it. It is pinned, with its hashes, in .ci/uv.txt. Left to
# itself it keeps the versions locked so far.
lock: .venv-lock/bin/uv
	.venv-lock/bin/uv pip compile -q $(if $(UPGRADE),--upgrade) --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-annotate --all-extras --group dev \
	  -o requirements.lock pyproject.toml

.venv-lock/bin/uv: .ci/uv.txt
	rm -rf .venv-lock
	"$(PYTHON)" -m venv .venv-lock
	.venv-lock/bin/python -m pip --disable-pip-version-check -qq install --require-hashes -r .ci/uv.txt
	touch $@

clean:
	rm -rf .venv .venv-lock .venv-lowest exports dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
	find src tests notebooks '(' -name __pycache__ -o -name .ipynb_checkpoints ')' -prune -exec rm -rf {} +
