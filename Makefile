# SPDX-License-Identifier: EUPL-1.2
# One set of flags for everything: other tags would compile the C parts anew, which takes minutes.

TAGS    := sqlite_fts5,migrated_fynedo
VERSION := $(shell sed -n 's/^Version *= *"\(.*\)"/\1/p' FyneApp.toml)
MINGW   := x86_64-w64-mingw32
SIZE    ?= small
N       ?= 100000
FUZZ    ?= 10s
SEED    ?= 11
NEED    := packaging/scripts/need.sh

export GOFLAGS := -buildvcs=false -tags=$(TAGS)
export PATH    := $(CURDIR)/build/.toolchain/go/bin:$(PATH):/usr/local/go/bin:$(HOME)/go/bin

GUI     := ./app/ui/... ./cmd/kontor
LDFLAGS := -s -w -X kontor/app.Version=$(VERSION)
say      = @printf '\n== %s\n' '$(1)'

.PHONY: help demo build test test-quick lint windows windows-check thread-check cover sim fuzz bench shots deb clean
.DEFAULT_GOAL := help

help: ## this list
	@echo 'Kontor $(VERSION): mail, files and tasks in one window, complete offline.'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

demo: ## install what is missing, build, and open Kontor with sample data
	@$(NEED) go build run
	@$(MAKE) --no-print-directory build
	@packaging/scripts/demo.sh

build: ## build/kontor and build/kontorctl
	$(call say,building kontor and kontorctl (the first time takes some minutes))
	go build -ldflags '$(LDFLAGS)' -o build/ ./cmd/kontor ./cmd/kontorctl

test: ## install what the tests need, and run all tests (SEED=0: with other random cases each time)
	@$(NEED) go build run test
	$(call say,go vet)
	go vet ./...
	$(call say,tests without a window: against real servers with the race detector)
	KONTOR_REQUIRE_SERVERS=1 packaging/scripts/tests.sh $(SEED) '-race -timeout 15m' $$(go list ./... | grep -v -e '^kontor/app/ui' -e '^kontor/cmd/kontor$$')
	$(call say,tests of the window: on a screen of their own)
	KONTOR_REQUIRE_SERVERS=1 packaging/scripts/xvfb.sh packaging/scripts/tests.sh $(SEED) '-timeout 15m' $(GUI)

test-quick: ## the tests that need no server and no screen
	go test -short $$(go list ./... | grep -v -e '^kontor/app/ui' -e '^kontor/cmd/' -e '^kontor/sync/servertest')

cover: ## coverage of the domain packages, and how much test there is
	@packaging/scripts/cover.sh

sim: ## play N=100000 random histories of clients and servers with broken lines and crashes (SEED=0: other ones each time)
	KONTOR_SIM_SEED=$(SEED) KONTOR_SIM=$(N) GOGC=400 packaging/scripts/tests.sh $(SEED) '-run ^Test(Mail|Task|Tasks|Files)Histories$$ -timeout 120m' ./sync/simworld ./sync/davfiles
	KONTOR_SIM=$(N) packaging/scripts/tests.sh $(SEED) '-run Merge -timeout 30m' ./app/tasks

fuzz: ## feed random octets to the readers of calendars for FUZZ=10s each
	go test -run '^$$' -fuzz FuzzRead -fuzztime $(FUZZ) ./sync/ical
	go test -run '^$$' -fuzz FuzzEdit -fuzztime $(FUZZ) ./sync/ical
	go test -run '^$$' -fuzz FuzzMerge -fuzztime $(FUZZ) ./app/tasks

thread-check: ## run the window's tests once with the toolkit's thread checks on
	@packaging/scripts/thread-check.sh

lint: ## formatting, go vet and golangci-lint (built into build/tools the first time)
	@$(NEED) go
	@packaging/scripts/lint.sh

windows: ## dist/windows/kontor.exe and kontorctl.exe
	@$(NEED) go windows
	$(call say,cross-building for Windows (the first time takes some minutes))
	packaging/windows/build.sh '$(VERSION)' '$(LDFLAGS)'

windows-check: ## type-check the Windows side
	@packaging/scripts/windows-check.sh

shots: build ## draw every page to build/shots
	build/kontor --shots build/shots

bench: ## compare with mbsync, rclone and vdirsyncer (SIZE=small or full, DELAY=50ms)
	@$(NEED) go build run test bench
	@$(MAKE) --no-print-directory build
	packaging/scripts/keyring.sh go run ./bench -size $(SIZE) $(if $(DELAY),-delay $(DELAY))

deb: ## dist/kontor_VERSION_ARCH.deb
	@$(NEED) go build deb
	@$(MAKE) --no-print-directory build
	packaging/linux/deb.sh '$(VERSION)'

clean: ## remove what was built
	rm -rf build dist bench/out bench/work
