# What is done to this tree, a target each. `make` alone lists them.
#
# A step of `make check` is a target of its own, so that one which failed can
# be run again alone. Each says what it does, and when it fails, what to do. A
# step whose object doesn't exist yet says so and passes. Steps need Go, bash
# and coreutils; check-race needs a C compiler too.

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.NOTPARALLEL:
.DEFAULT_GOAL := help

GO          ?= go
GENERATE    ?= $(GO) generate ./... && $(GO) -C examples/embed generate ./...
GOFUMPT     ?= $(GO) run mvdan.cc/gofumpt@v0.12.0
STATICCHECK ?= $(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2

# Platforms that must build; linux/386 is here because its int has 32 bits.
CROSS ?= windows/amd64 darwin/arm64 darwin/amd64 freebsd/amd64 netbsd/amd64 openbsd/amd64 dragonfly/amd64 js/wasm wasip1/wasm linux/386
# Build tags that change what is compiled, beside none at all.
TAGS  ?= invariants specaudit

BENCH ?= .
COUNT ?= 1

# The packages that run. The rest works at build time: its goroutines, if any, share
# nothing that is written, and the tag invariants changes nothing there.
RUNNING = $$($(GO) list ./... | grep -v -E '/(spec|gen|audit|internal/tidy)(/|$$)')

# Directories of nested modules, and a find that stays out of what isn't ours.
NESTED = $(sort $(patsubst ./%/go.mod,%,$(shell find . -mindepth 2 -name go.mod \
	-not -path './.git/*' -not -path '*/testdata/*' -not -path '*/node_modules/*')))

# First line of a recipe: says what the step does, and at a failure what to do.
# Both texts are variables of the target.
step = echo; echo "== $@: $$DOES"; \
	trap 'rc=$$?; if [ $$rc != 0 ]; then echo "== $@ FAILED. $$FIX" >&2; fi' EXIT

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: generate
generate: export DOES = generated files are written from spec/
generate: export FIX = The message above names the file and line of the spec.
generate: ## Write the generated files from spec/
	@$(step)
	if [ ! -d gen/specht-gen ]; then echo "gen/specht-gen doesn't exist yet: nothing to do"; exit; fi
	$(GENERATE)

.PHONY: test
test: export DOES = tests
test: export FIX = Run the failing test alone: go test -run 'NAME' ./PACKAGE
test: ## Run the tests
	@$(step)
	$(GO) test ./...

.PHONY: check
check: check-fmt check-vet check-static check-gen check-imports check-race check-invariants check-cross check-fuzz check-nested ## Everything that must hold before a commit lands
	@echo
	echo "== check: all steps passed"

.PHONY: trace
trace: ONLY ?=
trace: ALL ?=
trace: export DOES = rows of spec/ that have changed are measured: what tests take each, and what kills it; audit/trace/trace.tsv is written
trace: export FIX = What can't be measured is named above. What was is kept: run it again.
trace: ## Measure what kills rows that have changed (ONLY=REGEXP, ALL=1)
	@$(step)
	$(GO) run ./cmd/specht audit trace --rebuild --dir . $(if $(ONLY),--only '$(ONLY)') $(if $(ALL),--all)
	$(GO) run ./cmd/specht audit trace --dir .

.PHONY: check-fmt
check-fmt: export DOES = gofumpt has nothing to change in any Go file, generated ones included
check-fmt: export FIX = Format what is listed: $(GOFUMPT) -w FILES (for a *_gen.go, change gen/ and run make generate)
check-fmt: ## gofumpt has nothing to change
	@$(step)
	# Named one by one: gofumpt passes over generated files that it finds itself.
	files=$$(find . -name '*.go' -not -path './.git/*' -not -path '*/testdata/*' -not -path '*/node_modules/*')
	listed=$$($(GOFUMPT) -l $$files)
	if [ -n "$$listed" ]; then echo "$$listed"; exit 1; fi

.PHONY: check-vet
check-vet: export DOES = go vet, without tags and with each of: $(TAGS)
check-vet: export FIX = Mend what vet reports.
check-vet: ## go vet, in each tagged build too
	@$(step)
	$(GO) vet ./...
	for tag in $(TAGS); do echo "-tags $$tag"; $(GO) vet -tags "$$tag" ./...; done

.PHONY: check-static
check-static: export DOES = staticcheck
check-static: export FIX = Mend what it reports. A report that is wrong is silenced in its line, with the reason: //lint:ignore CODE why
check-static: ## staticcheck has nothing to report
	@$(step)
	$(STATICCHECK) ./...

# The comparison is made in a copy: every generated file is deleted there and
# written anew, and the copy must then equal the tree. So the tree is left
# alone, a generated file that nothing generates any more is found, and so is
# anything else that generation writes.
.PHONY: check-gen
check-gen: export DOES = all generated files, deleted and written anew in a copy, equal those of the tree
check-gen: export FIX = Run make generate, read the difference, and put it into the commit of its spec. A file that is only in the tree has no source any more: delete it.
check-gen: ## Generated files are what spec/ says
	@$(step)
	copy=$$(mktemp -d)
	trap 'rc=$$?; rm -rf "$$copy"; if [ $$rc != 0 ]; then echo "== $@ FAILED. $$FIX" >&2; fi' EXIT
	mkdir "$$copy/tree" "$$copy/anew"
	tar -cf - --exclude=./.git . | tar -xf - -C "$$copy/tree"
	cp -a "$$copy/tree/." "$$copy/anew"
	cd "$$copy/anew"
	skip=()
	for dir in $(filter-out examples/embed,$(NESTED)); do skip+=(-not -path "./$$dir/*"); done
	find . \( -name '*_gen.go' -o -name '*_gen_test.go' \) -not -path '*/testdata/*' "$${skip[@]}" -print -delete > "$$copy/deleted"
	if [ ! -d gen/specht-gen ] && [ ! -s "$$copy/deleted" ]; then echo "neither gen/specht-gen nor a generated file exists yet: nothing to compare"; exit; fi
	echo "$$(wc -l < "$$copy/deleted") generated files deleted in the copy"
	$(GENERATE)
	cd "$$copy"
	diff -ruN tree anew

.PHONY: check-imports
check-imports: export DOES = the import rule, and what else of STYLE.md a test can hold
check-imports: export FIX = Each line above names a file and the rule. The tables stand at the top of internal/tidy/imports.go and vocabulary.go.
check-imports: ## The import rule and the rules of style
	@$(step)
	$(GO) test -count=1 ./internal/tidy

.PHONY: check-race
check-race: export DOES = tests under the race detector
check-race: export FIX = Run the failing test alone: go test -race -run 'NAME' ./PACKAGE
check-race: ## Tests under the race detector
	@$(step)
	$(GO) test -race $(RUNNING)

.PHONY: check-invariants
check-invariants: export DOES = tests of the build that poisons returned loans and moves the window at each call
check-invariants: export FIX = Something kept a slice for longer than its loan, or an invariant broke: go test -tags invariants -run 'NAME' ./PACKAGE
check-invariants: ## Tests with -tags invariants
	@$(step)
	$(GO) test -tags invariants $(RUNNING)

.PHONY: check-cross
check-cross: export DOES = build and vet for $(CROSS)
check-cross: export FIX = The core must build without os, net and syscall; what needs a platform goes into a file with its name or a //go:build line.
check-cross: ## Build and vet for other platforms
	@$(step)
	for platform in $(CROSS); do
		echo "$$platform"
		GOOS=$${platform%/*} GOARCH=$${platform#*/} $(GO) build ./...
		GOOS=$${platform%/*} GOARCH=$${platform#*/} $(GO) vet ./...
	done

# Runs each native fuzz target for FUZZTIME, one at a time. Go before 1.27 can
# end a healthy run with a bare "context deadline exceeded" (go.dev/issue/75804):
# that, with no failing input written, is reported and not counted as a failure.
define fuzz
	log=$$(mktemp)
	trap 'rc=$$?; rm -f "$$log"; if [ $$rc != 0 ]; then echo "== $@ FAILED. $$FIX" >&2; fi' EXIT
	if ! $(GO) test -list '^Fuzz' ./... > "$$log"; then cat "$$log"; exit 1; fi
	targets=$$(awk '/^Fuzz/ { name[n++] = $$1 } /^ok / { for (i = 0; i < n; i++) print $$2, name[i]; n = 0 }' "$$log")
	if [ -z "$$targets" ]; then echo "there are no fuzz targets yet"; exit; fi
	failed=0
	while read -r pkg name; do
		echo "$$pkg $$name ($(FUZZTIME))"
		if $(GO) test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$$pkg" < /dev/null > "$$log" 2>&1; then
			grep '^fuzz: elapsed' "$$log" | tail -n 1 || true
		elif grep -q '^ *context deadline exceeded$$' "$$log" && ! grep -q -e 'Failing input' -e 'panic:' -e '_test.go:' "$$log"; then
			echo "ended by go.dev/issue/75804, with no failing input"
		else
			cat "$$log"
			failed=1
		fi
	done <<< "$$targets"
	exit $$failed
endef

.PHONY: check-fuzz
check-fuzz: FUZZTIME ?= 10s
check-fuzz: export DOES = each fuzz target for $(FUZZTIME)
check-fuzz: export FIX = The failing input was written to testdata/fuzz of its package. Mend the cause, and make the input a named case with its story.
check-fuzz: ## Each fuzz target for FUZZTIME (10s)
	@$(step)
	$(fuzz)

.PHONY: check-nested
check-nested: export DOES = vet and tests of the nested modules
check-nested: export FIX = Run it there: cd DIRECTORY && go test ./...
check-nested: ## Vet and tests of the nested modules
	@$(step)
	dirs="$(NESTED)"
	if [ -z "$$dirs" ]; then echo "there are no nested modules yet"; exit; fi
	for dir in $$dirs; do
		work=$$($(GO) env GOWORK)
		# A module that go.work doesn't use is tested as its users get it.
		if [ -n "$$work" ] && [ "$$work" != off ] && ! $(GO) list -m -f '{{.Dir}}' | grep -qxF "$$PWD/$$dir"; then work=off; fi
		tags=
		if [ "$$dir" = examples/openssl ]; then
			if pkg-config --exists 'openssl >= 3' 2> /dev/null && [ "$$($(GO) env CGO_ENABLED)" = 1 ]; then tags=openssl
			else echo "$$dir is tested without OpenSSL: its headers (Debian: libssl-dev), pkg-config or a C compiler aren't here"; fi
		fi
		echo "$$dir (GOWORK=$${work:-none})"
		(cd "$$dir" && GOWORK=$$work $(GO) vet -tags "$$tags" ./... && GOWORK=$$work $(GO) test -tags "$$tags" ./...)
	done

# h2spec is run against the demonstration over clear text and TLS, under both
# drivers, each on three paths, all at once. It is no dependency of this module.
.PHONY: check-h2spec
check-h2spec: H2SPEC ?= github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible
check-h2spec: export DOES = h2spec, strict, against specht serve
check-h2spec: export FIX = The failed tests above name their sections. Alone: specht serve --no-http1, then h2spec --strict --timeout 3 -p PORT SECTION
check-h2spec: ## h2spec against serve, both drivers, clear and TLS
	@$(step)
	dir=$$(mktemp -d)
	servers=()
	trap 'rc=$$?; kill "$${servers[@]}" 2> /dev/null || true; wait; rm -rf "$$dir"; if [ $$rc != 0 ]; then echo "== $@ FAILED. $$FIX" >&2; fi' EXIT
	GOBIN=$$dir $(GO) install '$(H2SPEC)'
	$(GO) build -o "$$dir/specht" ./cmd/specht
	runs=()
	for driver in poll goroutine; do
		# What is told first are the addresses, one a line.
		mkfifo "$$dir/$$driver"
		"$$dir/specht" serve --driver $$driver --no-http1 --listen 127.0.0.1:0 --tls 127.0.0.1:0 --json > "$$dir/$$driver" &
		servers+=($$!)
		exec {told}< "$$dir/$$driver"
		for over in clear TLS; do
			read -r line <&$$told
			port=$$(sed -E 's/.*"address":"127\.0\.0\.1:([0-9]+)".*/\1/' <<< "$$line")
			tls=(); if [ $$over = TLS ]; then tls=(-t -k); fi
			for path in / '/stream?n=5&ms=1' /echo; do
				name="$$driver $$over $$path"
				"$$dir/h2spec" --strict --timeout 3 "$${tls[@]}" -h 127.0.0.1 -p "$$port" -P "$$path" > "$$dir/$${name//\//_}" 2>&1 &
				runs+=("$$! $$name")
			done
		done
	done
	failed=0
	for run in "$${runs[@]}"; do
		name=$${run#* }
		log="$$dir/$${name//\//_}"
		if wait "$${run%% *}"; then echo "$$name: $$(grep -E '^[0-9]+ tests' "$$log")"
		else cat "$$log"; echo "$$name: failed"; failed=1; fi
	done
	exit $$failed

.PHONY: fuzz
fuzz: FUZZTIME ?= 1m
fuzz: export DOES = each fuzz target for $(FUZZTIME)
fuzz: export FIX = The failing input was written to testdata/fuzz of its package. Mend the cause, and make the input a named case with its story.
fuzz: ## Each fuzz target for FUZZTIME (1m)
	@$(step)
	$(fuzz)

.PHONY: bench
bench: export DOES = benchmarks that match '$(BENCH)', $(COUNT) times, and other servers beside ours
bench: export FIX = A benchmark failed: it is a test too, so mend it.
bench: ## Benchmarks that match BENCH (all), COUNT times (1)
	@$(step)
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) ./...
	$(GO) -C bench test -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) ./...
