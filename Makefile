# Everything runs in .venv, which the first target makes: Python 3.11 and make are all it takes.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# The CDK CLI and aws-cdk-lib look for `node` on PATH, and cdk.json for `python`: both are in .venv.
IN_VENV := PATH="$(CURDIR)/$(BIN):$$PATH" CDK_DISABLE_CLI_TELEMETRY=true
# Give pytest more arguments, for example: make test ARGS='tests/cli -x'
ARGS ?=
# What `make deep` and `make deepest` are profiles of.
LAWS = $(IN_VENV) python -m pytest -n auto --hypothesis-profile=$@ tests/laws tests/sets tests/engine tests/differential \
	tests/sandbox/test_answers.py tests/sandbox/test_reproduce.py tests/infra/test_growth.py tests/modules tests/corpus/test_templates.py \
	tests/corpus/test_precision.py \
	tests/cdk/test_every_argument.py tests/cdk/test_other_environments.py tests/cdk/test_every_construct.py \
	tests/analysis/role_chains/test_one_parameter.py tests/config/test_extended_files.py tests/live/test_normal_forms.py \
	tests/cdk/test_spelled_names.py tests/properties/test_comparisons_spelled_otherwise.py \
	tests/properties/test_invariant.py tests/inputs/terraform/configuration $(ARGS)

.DEFAULT_GOAL := help
.PHONY: help demo check-demo test lint format types check deep deepest synth boundary facts docs site bench wheel clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

demo: check-demo ## all of check-demo, then deploy the app to a sandbox with the CDK CLI, and see who gets in
	@$(IN_VENV) python examples/deploy_demo.py

check-demo: $(READY) ## synthesize the app, prove it, and see three broken templates refuted
	@$(IN_VENV) python examples/demo.py

test: $(READY) ## run the whole suite
	$(IN_VENV) python -m pytest -n auto --dist worksteal $(ARGS)

lint: $(READY) ## check style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(READY) ## bring the files into the format that lint asks for
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(READY) ## check types
	$(BIN)/mypy

check: lint types test ## all three: what a change must pass

deep: $(READY) ## run the laws and the differential tests on many new examples (half an hour)
	$(LAWS)
	$(BIN)/python -m tests.fuzz --inputs 5000
	$(BIN)/python -m tests.fuzz --documents 2500

deepest: $(READY) ## the same on four times as many (hours)
	$(LAWS)
	$(BIN)/python -m tests.fuzz --inputs 20000
	$(BIN)/python -m tests.fuzz --documents 10000

synth: $(READY) ## synthesize the app to cdk.out
	rm -rf cdk.out
	$(IN_VENV) cdk synth --quiet --no-notices

boundary: $(READY) ## write trustproof.toml from infra/accounts.toml
	$(BIN)/python -m infra.boundary

facts: $(READY) ## write what AWS publishes, the types of Terraform's arguments, and the date of the release
	$(BIN)/python tools/facts.py
	$(BIN)/python tools/terraform_arguments.py

docs: $(READY) ## write the pages, and the schema of the accounts file, that are made from the code
	$(BIN)/python docs/build.py
	$(BIN)/python -m infra.schema > infra/accounts.schema.json.new
	mv infra/accounts.schema.json.new infra/accounts.schema.json
	$(BIN)/python -m tests.corpus.page
	$(BIN)/python tools/precision.py

site: $(READY) ## build the site of the documentation into build/site, strictly and offline
	$(BIN)/python docs/site.py

bench: $(READY) ## time the gate and the engine, and what an account costs to synthesize
	@$(BIN)/python benchmarks/gate.py
	@$(BIN)/python benchmarks/engine.py
	@$(BIN)/python benchmarks/hostile.py
	@$(BIN)/python benchmarks/terraform.py
	@$(BIN)/python benchmarks/sandbox.py
	@$(IN_VENV) python benchmarks/synthesis.py

wheel: $(READY) ## build the wheel, and try it where only its own dependencies are installed
	rm -rf build dist
	$(BIN)/python -m hatchling build --target wheel --directory dist
	$(BIN)/python -m venv build/bare
	build/bare/bin/python -m pip install --quiet --disable-pip-version-check dist/*.whl
	build/bare/bin/trustproof check examples/broken/allow-bool-if-exists.yaml; test $$? -eq 1

clean: ## remove .venv and everything that is generated
	rm -rf $(VENV) cdk.out build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find app.py constructs_lib infra tests validators -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("$(PYTHON) is Python %s, and Trustproof needs 3.11 or newer: name one, as in make PYTHON=python3.13" % sys.version.split()[0])'
	@test -x $(BIN)/pip || { echo "making $(VENV) with $$($(PYTHON) --version)"; $(PYTHON) -m venv $(VENV); }
	@echo "installing requirements.txt into $(VENV) (the first time: about 1 GB with the CDK and Node, a minute or two)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@
