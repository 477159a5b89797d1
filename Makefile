# make help shows what there is.

SYSTEMS := linux/amd64 linux/arm64 darwin/arm64 darwin/amd64 windows/amd64
LINT    := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.DEFAULT_GOAL := help
.PHONY: help build test race lint bench torture throughput exporting samples docs dist ci clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build ./ordersheet for this machine
	CGO_ENABLED=0 go build -trimpath -o ordersheet .

test: ## run all tests
	go test ./...

race: ## run all tests with the race detector (needs gcc)
	go test -race -p 1 -timeout 60m ./...

lint: ## check format and code (the first time it builds the linter, some minutes)
	go vet ./...
	go run $(LINT) run ./...

bench: ## run the benchmarks of reading, planning, submitting, reporting (100,000 rows; a million with ORDERSHEET_BENCH=FOLDER)
	go test -run '^$$' -bench . -benchmem -benchtime 1x ./...

torture: ## kill, strike and measure for hours, and write docs/reliability.md
	go run ./internal/make/torture -cycles 10000 -seeds 50 -faults 100 -sequences 100000 -write

throughput: ## compare the speed of sending with wrk's (needs wrk)
	go run ./internal/make/torture -parts throughput -orders 20000
	go run ./internal/make/torture -parts throughput -orders 10000 -runs 3 -latency 50ms

exporting: ## measure what exports cost, from a sandbox in another process
	go run ./internal/make/torture -parts exports -orders 200000

samples: ## make the files in samples/ again
	go run ./internal/make samples

docs: ## make the pages of docs/ that come from code again
	go run ./internal/make docs

dist: ## build static binaries for all systems into dist/
	@mkdir -p dist
	@for s in $(SYSTEMS); do \
		out=dist/ordersheet-$$(echo $$s | tr / -); \
		case $$s in windows/*) out=$$out.exe ;; esac; \
		echo $$out; \
		CGO_ENABLED=0 GOOS=$${s%/*} GOARCH=$${s#*/} go build -trimpath -ldflags '-s -w' -o $$out . || exit 1; \
	done
	@cd dist && sha256sum ordersheet-* > SHA256SUMS

ci: ## run all that must hold for every commit
	.ci/run

clean: ## remove what was built
	rm -rf dist ordersheet
