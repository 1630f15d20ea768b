# Everything a newcomer types. Each command brings what it needs first (scripts/setup.sh, versions in
# scripts/pins.txt) and does nothing for what is there already.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

# One compiler cache for all checkouts: paths below this folder do not count.
export CCACHE_BASEDIR := $(CURDIR)
export CCACHE_NOHASHDIR := 1

SETUP := scripts/setup.sh
# Two test programs at once: the tests must not need more than two cores.
CTEST := ctest --output-on-failure --no-tests=error -j2

# What our medians and the vendors' benchmark tools are compared on: three models of the reference data
# where they are, the example else.
BENCH_MODELS := $(if $(EDGESCOPE_MODELS_DIR),$(foreach model,mobilenet_v2_1.0_224_quant tf2_mobilenet_v2_1.0_224_ptq \
  movenet_single_pose_lightning_ptq,$(EDGESCOPE_MODELS_DIR)/cpu/$(model).tflite),examples/digits/digits_int8.tflite)

.PHONY: help setup demo test check build runtimes oracle asan fuzz bench format lint clean packages web test-tools

help: ## this list
	@awk -F':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

demo: build runtimes ## what is missing, the build, and the reports build/demo.html (a network), build/demo_forest.html
	build/edgescope analyze examples/digits/digits_int8.tflite --html build/demo.html
	build/edgescope analyze examples/forests/digits.treelite --time-limit 1 --html build/demo_forest.html --fixed build/demo_forest
	@echo "==> the reports: build/demo.html, build/demo_forest.html"

build: packages web ## the program: build/edgescope
	cmake --preset release --log-level=WARNING
	ninja -C build edgescope edgescope-worker

packages:
	@$(SETUP) apt build fetch

web: packages
	@$(SETUP) web

setup: packages web runtimes oracle ## only bring what building and running need

runtimes: packages ## fetch LiteRT, OpenVINO and TensorFlow Lite into runtimes/
	@$(SETUP) runtimes

oracle: packages ## fetch OpenVINO 2021, whose plugin answers for the NCS2 (SKIP_ORACLE=1: not)
	@$(if $(SKIP_ORACLE),echo "==> the NCS2's plugin is left out (SKIP_ORACLE)",$(SETUP) oracle)

# Before the build: CMake looks whether they are there.
test-tools: packages
	@$(SETUP) apt test
	@$(SETUP) venv test

test: test-tools build runtimes ## the same set-up, then every test (those of the NCS2's plugin need `make oracle`)
	ninja -C build
	cd build && $(CTEST)

check: test ## the tests, then the main job at full size on every model there is (long)
	.venv/bin/python scripts/check.py

asan: packages web ## tests of all that reads files, with AddressSanitizer and UndefinedBehaviorSanitizer
	cmake --preset asan --log-level=WARNING
	ninja -C build/asan edgescope_memory_tests
	cd build/asan && $(CTEST) -L memory

fuzz: packages web ## each reader for a bounded time against broken input (FUZZ_SECONDS=60)
	@$(SETUP) apt fuzz
	scripts/fuzz.sh

bench: packages web runtimes ## our times beside the peers' (fetches the peers: 6 GB of memory, 7 GB of disk)
	@$(SETUP) apt bench
	@$(SETUP) venv bench
	@$(if $(filter x86_64,$(shell uname -m)),$(SETUP) venv forest,echo "==> peers of forests are left out: there are none for this machine")
	cmake --preset bench --log-level=WARNING
	ninja -C build edgescope edgescope-worker bench/all
	for program in build/bench/*_bench; do $$program; done
	build/bench/edgetpu_residuals
	build/ncs2_residuals
	.venv-bench/bin/python bench/peers.py
	if [ -d .venv-forest ]; then .venv-forest/bin/python bench/forest.py --json build/bench/forest.json; fi
	.venv-bench/bin/python bench/compare_benchmark_tools.py --json build/bench/benchmark_tools.json $(BENCH_MODELS)

format: ## clang-format on all sources
	@$(SETUP) apt lint
	git ls-files '*.cc' '*.h' | xargs clang-format -i

lint: packages web ## clang-format and clang-tidy, no changes
	@$(SETUP) apt lint
	git ls-files '*.cc' '*.h' | xargs clang-format --dry-run --Werror
	cmake --preset dev --log-level=WARNING
	git ls-files 'src/*.cc' | xargs -P2 -n4 clang-tidy -p build/dev --quiet --extra-arg=-Wno-unknown-warning-option

clean: ## remove what was built (runtimes/ and .venv/ stay)
	rm -rf build
