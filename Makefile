# hansei: bare `make` says what there is.
GO ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null)
SCENARIO ?= ex196121
RELAY ?= reference
SOAK_RUNS ?= 20
FUZZ_TIME ?= 30s
# The packages that play runs on real sockets or start real relays. They need the
# world's addresses, and the machine, to themselves: one package at a time.
REAL := /cmd/hansei$$|/harness/acceptance$$|/harness/relay

.DEFAULT_GOAL := help
.PHONY: help demo build test check bench soak fuzz example heldout clean

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: build ## replay the first incident against the reference relay (needs Go only)
	./hansei run $(SCENARIO) --relay $(RELAY)

build: ## build ./hansei
	$(GO) build -trimpath -ldflags '-X main.released=$(VERSION)' -o hansei ./cmd/hansei

test: ## everything, with real relays where this machine can run them
	@.ci/parts
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	$(GO) test -timeout 15m $$($(GO) list ./... | grep -vE '$(REAL)')
	$(GO) test -p 1 -timeout 20m $$($(GO) list ./... | grep -E '$(REAL)')

check: ## the fast part: vet, staticcheck, gofmt, short tests
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	@unformatted=$$(gofmt -l cmd fakes harness reports scenarios); \
	if [ -n "$$unformatted" ]; then \
		echo "not formatted, run gofmt -w on:"; echo "$$unformatted"; exit 1; \
	fi
	$(GO) test -short -timeout 2m ./...

bench: ## measure our fakes and sender beside Postfix's smtp-sink and smtp-source
	HANSEI_BENCH=1 $(GO) test -v -timeout 20m -run Bench -count 1 ./harness/internal/bench

soak: ## what takes long: 200,000 messages, 2,000 honest runs, then SOAK_RUNS seeds
	HANSEI_SOAK=1 $(GO) test -timeout 3h -v -run 'MemoryOfALarge|NoFalseAlarms' ./harness
	$(GO) build -o hansei ./cmd/hansei
	@for seed in $$(seq 1 $(SOAK_RUNS)); do \
		echo "seed $$seed"; \
		./hansei run $(SCENARIO) --relay $(RELAY) --seed $$seed || exit $$?; \
	done

fuzz: ## run every fuzz target for FUZZ_TIME
	@grep -rlE '^func Fuzz' --include='*_test.go' cmd fakes harness reports scenarios | \
	xargs -r -n1 dirname | sort -u | while read -r dir; do \
		for target in $$(grep -hoE '^func Fuzz[A-Za-z0-9_]*' $$dir/*_test.go | cut -c6-); do \
			echo "$$dir $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZ_TIME) ./$$dir || exit 1; \
		done; \
	done

heldout: build ## forecast runs of Postfix that the model was not learnt from
	@.ci/heldout ./hansei

EXAMPLE ?= postfix
example: build ## play the first incident against EXAMPLE and keep its report in reports/example
	@mkdir -p reports/example
	./hansei run $(SCENARIO) --relay $(EXAMPLE) >/dev/null || [ $$? -lt 64 ]
	./hansei report latest >reports/example/report.txt
	./hansei report latest --format html >reports/example/report.html
	./hansei report latest --format html --lang ja >reports/example/report.ja.html
	./hansei report latest --format markdown >reports/example/report.md
	./hansei report latest --format svg >reports/example/picture.svg

clean: ## remove what make built; runs stay
	rm -f hansei
