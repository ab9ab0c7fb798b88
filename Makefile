# hansei: bare `make` says what there is.
GO ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null)
SCENARIO ?= ex196121
RELAY ?= reference
SOAK_RUNS ?= 100
SOAK_POSTFIX ?= 20
SOAK_SCALE ?= 0.8
SOAK_OVER ?= ex196121,ex255429,flapping,half-black-holed,upgrade-in-outage,mx-switch,mo888473,spare-down-too,disk-full,killed-in-the-drain
MUTANTS ?=
FUZZ_TIME ?= 30s
# The packages that play runs on real sockets or start real relays. They need the
# world's addresses, and the machine, to themselves: one package at a time.
REAL := /cmd/hansei$$|/harness/acceptance$$|/harness/relay

.DEFAULT_GOAL := help
.PHONY: help demo build test check bench mutants soak fuzz example record heldout clean

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
	$(GO) test -p 1 -timeout 30m $$($(GO) list ./... | grep -E '$(REAL)')

check: ## the fast part: vet, staticcheck, gofmt, short tests
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	@unformatted=$$(gofmt -l cmd fakes harness reports scenarios); \
	if [ -n "$$unformatted" ]; then \
		echo "not formatted, run gofmt -w on:"; echo "$$unformatted"; exit 1; \
	fi
	$(GO) test -short -timeout 2m ./...

bench: ## measure fakes, sender and the whole harness beside Postfix's smtp-sink and smtp-source
	HANSEI_BENCH=1 $(GO) test -v -timeout 20m -run Bench -count 1 ./harness/internal/bench

mutants: ## plant small errors in the judge and see its tests notice (MUTANTS='-sample 60')
	$(GO) test -v -timeout 5h -run TestMutants ./harness/internal/mutate -package harness/check \
		-survivors harness/check/testdata/survivors.txt \
		-tests '-test.short -rapid.seed=1 -rapid.checks=10 -rapid.nofailfile -rapid.shrinktime=1ms' $(MUTANTS)

soak: ## what takes long: 200,000 messages, 2,000 honest runs, seeds on real sockets, the gate proved
	HANSEI_SOAK=1 $(GO) test -timeout 5h -v -run 'MemoryOfALarge|NoFalseAlarms' ./harness
	HANSEI_SOAK=1 $(GO) test -timeout 3h -v ./harness/acceptance -ginkgo.timeout 3h
	HANSEI_SOAK=1 $(GO) test -timeout 30m -v -run RunsLeaveNothingBehind ./harness/relay/container
	$(GO) build -o hansei ./cmd/hansei
	.ci/seeds $(RELAY) $(SOAK_RUNS) $(SOAK_SCALE) $(SOAK_OVER)
	KNOWN='spare-timely drain' .ci/seeds postfix $(SOAK_POSTFIX) $(SOAK_SCALE) $(SOAK_OVER)
	.ci/gate ./hansei

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
	@runs=$$(mktemp -d /var/tmp/example.XXXXXX) && trap 'rm -rf "$$runs"' EXIT && \
	{ ./hansei run $(SCENARIO) --relay $(EXAMPLE) --runs "$$runs" >/dev/null || [ $$? -lt 64 ]; } && \
	tell() { ./hansei report latest --runs "$$runs" "$$@"; } && \
	tell >reports/example/report.txt && \
	tell --format html >reports/example/report.html && \
	tell --format html --lang ja >reports/example/report.ja.html && \
	tell --format markdown >reports/example/report.md && \
	tell --format svg >reports/example/picture.svg

RECORD ?=
record: build ## play what track-record.yaml lacks or left open, and write its tables
	./hansei record reports/example/track-record.yaml $(RECORD) --again inconclusive --out reports/example/track-record.md

clean: ## remove what make built; runs stay
	rm -f hansei
