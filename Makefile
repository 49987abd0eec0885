# Betang: `make run` starts a demo lecture, `make test` proves the build. `make help` lists the rest.

SHELL := /bin/bash
.DEFAULT_GOAL := help
GO ?= go
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)
WEB := static/web
LINT := $(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
# One package at a time: real browsers and a busy neighbour share two cores badly.
TESTFLAGS ?= -p 1 -timeout 900s

.PHONY: help run build test test-go test-web check race lint fuzz bench bench-table soak bad-networks screens load room evidence crowd class edges web generate tidy-check tools clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: build ## build everything and start a demo event; prints the links
	./bin/betang serve --demo

build: web ## bin/betang with the web client inside
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/betang ./cmd/betang

web: static/dist/index.html ## build the web client into static/dist

static/dist/index.html: $(shell find $(WEB) -type f -not -path '*/node_modules/*' 2>/dev/null) $(WEB)/node_modules/.package-lock.json
	cd $(WEB) && npm run --silent build

$(WEB)/node_modules/.package-lock.json: $(WEB)/package.json $(WEB)/package-lock.json
	cd $(WEB) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

tools: ## install what the tests need and the machine lacks (Debian, as root)
	@.ci/tools

test: tools build test-web test-go ## everything CI asks for, under 12 minutes on 2 cores

test-go:
	$(GO) vet ./...
	$(GO) test $(TESTFLAGS) ./...

test-web: web
	cd $(WEB) && npm run --silent check && npm test --silent

check: lint tidy-check test ## lint, tidy and test

race: web ## the Go tests under the race detector (browser tests left out)
	$(GO) test -race -short -timeout 900s ./...

lint: ## golangci-lint with .golangci.yml, pinned
	$(LINT) run ./...

tidy-check:
	$(GO) mod tidy -diff

generate: ## wire.gen.ts and everything else generated
	$(GO) generate ./...

# An input that finds something new is made smaller for a second, not for the default minute: that would be all of FUZZTIME.
FUZZTIME ?= 10s
fuzz: ## every fuzz target for FUZZTIME (10s)
	@set -e; $(GO) list ./... | while read -r pkg; do \
	  for f in $$($(GO) test -list '^Fuzz' "$$pkg" 2>/dev/null | grep '^Fuzz' || true); do \
	    echo "== $$pkg $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s "$$pkg"; \
	  done; done

bench: bin/betang-load ## benchmarks of every package that has some, and the server's CPU for a viewer as a ratio to the raw limit; some 4 minutes
	$(GO) test -p 1 -run '^$$' -bench . -benchmem -benchtime 100ms -timeout 300s \
	  $$(grep -rl --include='*_test.go' '^func Benchmark' classroom cmd sfu signaling | xargs -n 1 dirname | sort -u | sed 's|^|./|')
	./bin/betang-load bench --modes lean,lean+twcc,raw60 --json bin/bench.json

bench-table: bin/betang-load ## the long table of sfu/PERFORMANCE.md: 25 to 5,000 viewers, some 20 minutes
	./bin/betang-load bench --viewers 25,100,300 --modes lean,raw20,full,raw60 --json bin/bench-small.json
	./bin/betang-load bench --viewers 1000,2000,3000,5000 --read 100 --json bin/bench-large.json
	./bin/betang-load bench --viewers 5000 --read 100 --picture 360p --cores 2 --modes lean+sockets=2,lean,raw60 --json bin/bench-360p.json

.PHONY: bin/betang-load
bin/betang-load:
	$(GO) build -trimpath -o $@ ./cmd/betang-load

soak: build ## 10 minutes of load with joins and leaves against a real server, 3,000 simulated lectures, 50 kills with 1,000 people, 30 minutes of faults of four servers and Redis; loopback only
	$(GO) test -count=1 -timeout 20m -v -run '^TestSoak' ./cmd/betang -soak 10m
	$(GO) test -count=1 -timeout 60m -v -run '^TestTruth' ./signaling -truth 3000
	$(GO) test -count=1 -timeout 60m -v -run '^TestKillServer' ./cmd/betang -kills 50 -kill-people 1000
	$(GO) test -count=1 -timeout 60m -v -run '^TestNodeFaults$$' ./cmd/betang -node-faults 30m

bad-networks: build ## the table of sfu/NETWORKS.md: real browsers and crowds behind bad networks, some 25 minutes
	$(GO) test -count=1 -timeout 40m -v -run '^TestBadNetworks' ./cmd/betang -bad-networks

room: build ## 2,000 websockets in a room of a server of its own: joins, broadcasts, votes, and the return of all at once
	$(GO) test -count=1 -timeout 5m -v -run "^TestRoomLoad" ./cmd/betang -room 2000

evidence: ## 20,000 updates of evidence a second for a minute, into the database of a live room of 4,000 sockets that broadcasts
	$(GO) test -count=1 -timeout 5m -v -run "^TestEvidenceLoad" ./cmd/betang -evidence 60s -evidence-sockets 4000

screens: build ## the browser tests for which make test has no time; some 10 minutes
	$(GO) test -count=1 -timeout 20m -v -run '^(TestDesk|TestKeyboard|TestBackupOnScreen|TestQualityOnScreen|TestUplinkOnScreen|TestMaterial|TestClassTools|TestAxe|TestEdgeInBrowser|TestEdgeCutInBrowser|TestHomeKilledInBrowser|TestOverflow)$$' ./cmd/betang -long

load: build ## 100 viewers for 20 s against a server of its own on loopback
	$(GO) test -count=1 -timeout 5m -v -run '^TestLoad' ./cmd/betang -load 100

crowd: build ## a speaker and a viewer in Chromium with 300 light viewers beside them: frames, freezes, the crowd's loss
	$(GO) test -count=1 -timeout 5m -v -run '^TestCrowd' ./cmd/betang -crowd 300

class: build ## a class of 40 with camera and microphone, a trainer and a participant in Chromium among them: frames, CPU, memory
	$(GO) test -count=1 -timeout 6m -v -run '^TestClassFull$$' ./cmd/betang -class 40

edges: build ## an origin, an edge and an office behind it: egress with 1 to 500 viewers at the edge, delay by hop, first pictures; 3 minutes
	$(GO) test -count=1 -timeout 6m -v -run '^TestEdges$$' ./cmd/betang -edges 500

clean: ## remove what builds made
	rm -rf bin static/dist/* $(WEB)/node_modules
