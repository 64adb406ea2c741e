# make run    build everything and start it with demonstration data
# make test   every test: Go, web, real servers where they can be had, browser
# make build  bin/huiying
# make bench  speeds, as ratios to the bare parts in the same run
# make evaluation  the analyser's accuracy on labelled sets (HUIYING_SHARED), as reports in docs/evaluation
SHELL := /bin/bash
DATA ?= data
LISTEN ?= 127.0.0.1:8080
VERSION := $(shell git describe --always --dirty 2>/dev/null || echo devel)
WEB := console/web
WEB_SOURCES := $(shell find $(WEB) -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -path '*/e2e/*' 2>/dev/null)

.PHONY: run test build bench evaluation tools web-tests go-tests browser-tests clean

run: build
	bin/huiying serve --data $(DATA) --listen $(LISTEN) --demo

build: tools $(WEB)/dist/index.html
	go build -ldflags "-X main.version=$(VERSION)" -o bin/huiying ./cmd/huiying

tools:
	@deploy/tools.sh build

$(WEB)/node_modules/.package-lock.json: $(WEB)/package-lock.json
	cd $(WEB) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(WEB)/dist/index.html: $(WEB)/node_modules/.package-lock.json console/openapi.json $(WEB_SOURCES)
	cd $(WEB) && npm run --silent build
	@touch $@

test: build web-tests go-tests browser-tests
	@echo "all tests passed"

web-tests: build
	cd $(WEB) && npm run --silent check && npm test --silent

go-tests: build
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "not gofmt-ed:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet ./...
	deploy/test.sh go test ./...

browser-tests: build
	deploy/browser.sh

bench:
	go test -run '^$$' -bench . -benchmem ./...

evaluation: build
	deploy/evaluate.sh

clean:
	rm -rf bin $(WEB)/dist/assets $(WEB)/dist/index.html
