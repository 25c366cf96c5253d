# SPDX-License-Identifier: MIT
# `make help` lists the verbs. What is longer than three lines is in Scripts/.
SWIFT ?= swift
PREFIX ?= /usr/local
.DEFAULT_GOAL := help
.PHONY: help model local-model fuzz asan flood setup build release test check unit integration ledger guard tsan rtsan stress lint format bench bench-analysis bench-live bench-composer demo page run install uninstall clean

help: ## List the verbs
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

setup: ## Install what is missing of the system's packages
	@Scripts/setup

build: ## Build for development
	$(SWIFT) build

release: ## Build for use: .build/release/continuo
	$(SWIFT) build -c release --product continuo

test: ## Set up, then check: what continuous integration runs
	@$(MAKE) --no-print-directory setup
	@$(MAKE) --no-print-directory check

check: ## Lint and run every suite; the last line counts what passed and failed
	@Scripts/check lint unit ledger integration guard tsan rtsan asan

unit: ## Tests that need nothing but the code
	$(SWIFT) test --skip IntegrationTests --no-parallel

integration: ## Tests with a real JACK server and Ardour, one at a time
	@Scripts/clear-jack-leftovers
	$(SWIFT) test --filter IntegrationTests --skip localModel --no-parallel

local-model: model ## The real local model through the program; not a part of check
	$(SWIFT) test --filter localModel --no-parallel

ledger: ## 100,000 random lives of the note ledger: every note-on gets one note-off
	CONTINUO_LEDGER_SEQUENCES=100000 $(SWIFT) test --filter LedgerTests

guard: build ## Break each real-time rule on purpose and see that it is caught
	@Scripts/check-realtime-guard

stress: ## The long runs in a release build; CONTINUO_RING_EVENTS=100000000 for the full ring
	@Scripts/stress

tsan: ## What two threads share, under ThreadSanitizer
	@Scripts/tsan

rtsan: ## The process callback under RealtimeSanitizer
	@Scripts/rtsan

asan: ## What comes from outside under AddressSanitizer; CONTINUO_OSC_PACKETS (1000000)
	@Scripts/asan

flood: ## A minute of 20,000 OSC packets a second
	CONTINUO_FLOOD_SECONDS=60 $(SWIFT) test --filter ArdourFloodTests

fuzz: ## The reader of models' replies under libFuzzer; CONTINUO_FUZZ_SECONDS (600)
	@Scripts/fuzz

model: ## Set up the small local language model; then: continuo model start
	@Scripts/model

lint: ## Formatting, dependency table, file sizes, forbidden words, shell scripts
	@Scripts/lint

format: ## Format Swift and C in place
	$(SWIFT) format -i -r Package.swift Sources Tests $(wildcard Benchmarks)
	@git ls-files '*.c' '*.h' | xargs -r clang-format -i

bench: ## Measure on this machine
	$(SWIFT) run -c release --package-path Benchmarks continuo-bench
	@Scripts/bench-program

bench-analysis: release ## The analysis beside other programs, into docs/analysis-figures.md; QUICK=1 for a check
	@Scripts/bench-analysis $(if $(QUICK),--quick) $(if $(SEED),--seed $(SEED))

bench-live: ## The live analysis: time per event and bar, and memory, over a simulated hour
	$(SWIFT) run -c release --package-path Benchmarks continuo-bench-live

bench-composer: ## The built-in composer: time, and the judge's figures beside chance; REPLIES=folder, or "URL model"
	$(SWIFT) run -c release --package-path Benchmarks continuo-bench-composer $(REPLIES)

demo: ## The whole story on this machine: Ardour, a request in words, a verified take
	@Scripts/demo $(if $(MODEL),--provider $(MODEL))

page: ## The page's whole story in a headless Chromium beside a real Ardour; takes its pictures
	@Scripts/demo --page

run: ## Build and start the prompt
	$(SWIFT) run continuo

install: ## Build with Swift's libraries inside, and install under PREFIX (/usr/local)
	$(SWIFT) build -c release --product continuo --static-swift-stdlib
	@Scripts/install .build/release/continuo $(abspath $(PREFIX))

uninstall: ## Take away what install put under PREFIX
	@Scripts/install --remove $(abspath $(PREFIX))

clean: ## Remove everything that was built
	rm -rf .build .build-tsan .build-rtsan .build-asan .build-bench-analysis Benchmarks/.build .build-fuzz
