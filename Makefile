# The commands of ertedge. Everything happens in .venv; nothing needs root.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PROTOS := $(shell find protos -name '*.proto' | sort)
SECONDS ?=
JSON ?=
DATA ?= ../shared/data

.PHONY: help setup setup-tools run test test-tools lint cards-check proto bench bench-peers clean

help:
	@echo "make run [SECONDS=30]   start the daemon on what it finds and show the live state"
	@echo "make test               the test suite of the device"
	@echo "make test-tools         the tests of training and quantization (installs torch)"
	@echo "make bench [JSON=1]     the performance table"
	@echo "make bench-peers        ours beside other face and voice packages (installs them apart; DATA=../shared/data)"
	@echo "make lint               ruff, mypy, buf, whether generated code is current and cards match their files"
	@echo "make cards-check        whether every evidence card matches its model's file"
	@echo "make proto              generate ertedge/v1 and ertedge/sensor/v1 from protos/"

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# A stamp for each set of extras, so that only a change of pyproject.toml installs again.
$(VENV)/.device: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[demo]'
	@touch $@

$(VENV)/.dev: $(VENV)/.device
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

# The Pi camera's code is held to the real package, whose source is read and never run off a Pi.
PICAMERA2 := picamera2==0.3.38
$(VENV)/share/$(subst ==,-,$(PICAMERA2)).tar.gz: $(BIN)/python
	$(BIN)/python -m pip download --quiet --no-deps --no-binary :all: --dest $(@D) $(PICAMERA2)

$(VENV)/.tools: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --editable '.[dev,tools]'
	@touch $@

# What the voice network learns from beside its labels: a speech encoder that comes inside a Python package.
ENCODER := $(VENV)/share/smart-turn-v3.2-cpu.onnx
$(ENCODER): $(BIN)/python
	$(BIN)/python -m pip download --quiet --no-deps --dest $(@D) pipecat-ai==1.14.0
	$(BIN)/python -m zipfile --extract $(@D)/pipecat_ai-1.14.0-py3-none-any.whl $(@D)/pipecat-ai
	cp $(@D)/pipecat-ai/pipecat/audio/turn/smart_turn/data/$(@F) $@
	rm -r $(@D)/pipecat-ai $(@D)/pipecat_ai-1.14.0-py3-none-any.whl

setup: $(VENV)/.dev $(VENV)/share/$(subst ==,-,$(PICAMERA2)).tar.gz

setup-tools: $(VENV)/.tools $(ENCODER)

run: $(VENV)/.device
	@$(BIN)/python -m ertedge.ctl.run $(if $(SECONDS),--seconds $(SECONDS))

test: setup
	$(BIN)/python -m pytest -m "not tools"

test-tools: setup-tools
	$(BIN)/python -m pytest -m tools

bench: $(VENV)/.dev
	@$(BIN)/python -m tools.bench $(if $(JSON),--json)

# What ours is measured beside, in an environment of its own, so that neither the device's nor the developer's changes.
# Without Node.js and npm the rows that need them say so.
PEERS := $(VENV)-peers
$(PEERS)/.installed: tools/peers/requirements.txt tools/peers/without_dependencies.txt tools/peers/package.json
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --requirement tools/peers/requirements.txt
	$(PEERS)/bin/python -m pip install --quiet --no-deps --requirement tools/peers/without_dependencies.txt
	mkdir -p $(PEERS)/node && cp tools/peers/package.json $(PEERS)/node/
	-cd $(PEERS)/node && npm install --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error
	@touch $@

bench-peers: $(VENV)/.tools $(PEERS)/.installed
	@$(BIN)/python -m tools.peers --root $(DATA) --peers $(PEERS) $(if $(JSON),--json)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/buf lint protos
	$(BIN)/python -m tools.generate --check
	$(BIN)/python -m tools.card --check

cards-check: $(VENV)/.dev
	$(BIN)/python -m tools.card --check

proto: $(VENV)/.dev
	$(BIN)/python -m tools.generate

clean:
	rm -rf $(VENV) $(PEERS) .mypy_cache .pytest_cache .ruff_cache
