# `make demo` and `make test` start from nothing: a clone, Python and pip.
PYTHON ?= python3
VENV := .venv
PEERS := .venv-peers
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-warn-conflicts -c constraints.txt

.PHONY: demo test lint check peers clean

# What the main job needs: no torch.
demo: $(VENV)/.demo
	$(BIN)/skgen compare --dataset open-bandit

# Every test and doctest, in parallel on all cores.
test: $(VENV)/.test
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist worksteal

lint: $(VENV)/.lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check: lint test

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) -e .
	$(PIP) --no-deps obp==0.4.1
	@touch $@

$(VENV)/.test: $(VENV)/.demo
	$(PIP) torch==2.13.0
	$(PIP) --no-deps torchcfm pot
	$(PIP) --no-deps anonymeter numba llvmlite polars polars-runtime-32
	$(PIP) -e ".[test]"
	@touch $@

$(VENV)/.lint: $(VENV)/.demo
	$(PIP) -e ".[lint]"
	@touch $@

# torch first and pinned, else packages that ask for it bring gigabytes of CUDA;
# torchcfm without its requirements, of which the matchers import none but pot;
# anonymeter without its own, which ask for an older numpy than it needs.
.PHONY: extras
extras: $(VENV)/.demo
	$(PIP) torch==2.13.0
	$(PIP) --no-deps torchcfm pot
	$(PIP) --no-deps anonymeter numba llvmlite polars polars-runtime-32
	$(PIP) -e ".[deep,sdv,language,report,dask]"

# What the benchmarks compare against, apart from the package's own environment.
peers: $(PEERS)/.done

$(PEERS)/.done: constraints.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet torch==2.13.0
	$(PEERS)/bin/python -m pip install --quiet "pandas<3" imbalanced-learn==0.14.2 \
		sdv==2.0.0 arfpy xgboost==3.2.0 sdmetrics psutil
	$(PEERS)/bin/python -m pip install --quiet --no-deps ForestDiffusion==1.0.6 \
		forest_diffusion_mo==1.0.1 lightgbm==4.7.0 catboost==1.2.10
# These ask for older packages than they need, or for many that they do not import.
	$(PEERS)/bin/python -m pip install --quiet torch==2.13.0 "pandas<3" requests h5py \
		pyarrow transformers tokenizers safetensors huggingface-hub json-repair
	$(PEERS)/bin/python -m pip install --quiet --no-deps deepctr-torch==0.3.0 \
		fuxictr==2.3.10 mostlyai-engine==2.7.3 accelerate peft opacus opt_einsum datasets \
		xgrammar fsspec dill multiprocess xxhash apache-tvm-ffi ray msgpack jsonschema \
		jsonschema-specifications rpds-py referencing attrs filelock click protobuf \
		polars polars-runtime-32 six
	$(PEERS)/bin/python -m pip install --quiet --no-deps -e .
	@touch $@

clean:
	rm -rf $(VENV) $(PEERS) build *.egg-info .pytest_cache .mypy_cache .ruff_cache
