# All tasks of this repository, from a fresh clone. `make help` lists them.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --warn-undefined-variables --no-builtin-rules --no-print-directory

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
# What --version says beside it.
COMMIT ?= $(shell git rev-parse HEAD 2>/dev/null)
DATE ?= $(shell TZ=UTC0 git log -1 --format=%cd --date=format-local:%Y-%m-%dT%H:%M:%SZ 2>/dev/null)
FUZZTIME ?= 10s
TESTTIMEOUT ?= 40m
# Arguments of `make run`, for example ARGS='--dialect top'.
ARGS ?=
GOFLAGS ?=
# What `make test` tests, for example PKGS=./upstream/...
# The longest comes first: at the end it would leave a core idle.
PKGS ?= ./test/scenario ./...

# The decoders of HEIC and AVIF must never load a system library. The tag nodynamic leaves out the code for it. In a build without
# the tag, tools/nopurego prevents it: go.mod replaces the loader by it.
export GOFLAGS := -tags=nodynamic $(GOFLAGS)

# Each big tool is pinned in its own module file. In a shared one, each would influence the versions of the others' dependencies.
BUF := go tool -modfile=tools/buf.mod buf
GOLANGCI := go tool -modfile=tools/golangci-lint.mod golangci-lint
ACTIONLINT := go tool -modfile=tools/actionlint.mod actionlint
NFPM := go tool -modfile=tools/nfpm.mod nfpm
HELM := go tool -modfile=tools/helm.mod helm
CYCLONEDX := go tool -modfile=tools/cyclonedx.mod cyclonedx-gomod
GOTESTSUM := go tool -modfile=tools/gotestsum.mod gotestsum

# The contract as last released. Only `make release-contract` writes it.
RELEASED := proto/released.binpb

.PHONY: help
help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# ---- build and run

LDFLAGS = -s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT) -X main.date=$(DATE)

.PHONY: build
build: require ## build bin/zhaohuo, without cgo
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/zhaohuo ./cmd/zhaohuo

.PHONY: run
run: build bin/grpcurl ## build and start the service (the sandbox with moving prices, unless an App Key is set)
	ZHAOHUO_SANDBOX_DRIFT="$${ZHAOHUO_SANDBOX_DRIFT:-10s}" exec bin/zhaohuo serve $(ARGS)

# The service prints grpcurl commands when it starts.
bin/grpcurl: tools/grpcurl.mod tools/grpcurl.sum
	CGO_ENABLED=0 go build -modfile=tools/grpcurl.mod -trimpath -ldflags '-s -w' -o $@ github.com/fullstorydev/grpcurl/cmd/grpcurl
	@touch $@

.PHONY: require
require:
	@tools/require.sh build

# ---- tests

# The race detector watches everything except two things. SQLite was translated from C to Go by a machine: checking each access to its
# memory doubles the time to start a sandbox; the driver around it is watched. What draws, encodes, decodes and compares images
# computes on values, starts no goroutine and shares nothing, and neither do its tests (the dots include them): checking each pixel
# takes most of the time of tests with photos; who calls it is watched.
UNWATCHED := $(patsubst %,-gcflags=%=-race=false,modernc.org/sqlite/lib modernc.org/libc/... modernc.org/memory \
	image/... golang.org/x/image/... $(addprefix github.com/zhaohuo-dev/zhaohuo/,sandbox/picture... internal/imaging/likeness... \
	tools/likeness/change... tools/likeness/pairs...))

# `make lint` runs vet.
.PHONY: test
test: ## run every test with the race detector; installs what tests need, or names it
	@tools/require.sh test
	@mkdir -p build
	RACE='-race $(UNWATCHED)' TESTTIMEOUT=$(TESTTIMEOUT) $(GOTESTSUM) --format pkgname --format-hide-empty-pkg --jsonfile build/test.json \
		--raw-command -- tools/test.sh $(PKGS)
	@! grep '"Action":"skip"' build/test.json | grep '"Test":' || { echo 'error: these tests were skipped' >&2; exit 1; }

# Single functions have benchmarks beside them. The benchmark of memory runs alone in a process of its own. tools/bench measures
# what needs several processes. Every part runs, even when an earlier one fails.
GOBENCH := go test -run '^$$' -timeout $(TESTTIMEOUT) -bench

.PHONY: bench
bench: ## measure what the project promises, and fail when a promise is not kept; see docs/BENCHMARKS.md
	@tools/require.sh bench
	@status=0; \
	$(GOBENCH) . ./upstream/aop ./upstream/top ./internal/cache/disk ./sandbox/catalog ./sandbox/gallery/measure \
		./internal/combo/titles || status=1; \
	$(GOBENCH) Million -benchtime 1x ./internal/cache || status=1; \
	go run ./tools/bench || status=1; \
	go run ./tools/binsize || status=1; \
	exit $$status

.PHONY: soak
soak: ## attack the service, break all that it needs, kill it and restart it, for an hour, and check its promises meanwhile; needs an idle machine
	@tools/require.sh soak
	CGO_ENABLED=0 go test -count=1 -timeout 60m -v ./test/attacks -args -full
	CGO_ENABLED=0 go test -count=1 -timeout 60m -v -run TestFaults ./test/baddays -args -full
	CGO_ENABLED=0 go test -count=1 -timeout 60m -v ./test/killed -args -full
	CGO_ENABLED=0 go test -count=1 -timeout 60m -v ./test/replicas -args -full
	CGO_ENABLED=0 go test -count=1 -timeout 60m -v -run TestRandom ./internal/app -args -executions 10000000

.PHONY: fuzz
fuzz: require ## run every fuzz target for FUZZTIME each (10s)
	tools/fuzz.sh $(FUZZTIME)

# ---- the contract and what is written from it

.PHONY: generate
generate: protodeps ## remake gen/ from proto/, and the fingerprints of the sandbox's pictures
	$(BUF) generate
	$(BUF) build proto --output build/contract.binpb
	go run ./tools/openapi build/contract.binpb gen/openapi/zhaohuo.openapi.json
	$(DRAW) sandbox/gallery/drawn/fingerprints.zst

# Drawing must give the same file on every machine. So the compiler may not fuse a multiplication and an addition, which rounds
# differently and which only some processors can do.
DRAW := go run $(patsubst %,-gcflags=%=-d=fmahash=n,golang.org/x/image/vector \
	github.com/zhaohuo-dev/zhaohuo/sandbox/picture github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness) ./tools/fingerprints

.PHONY: clients
clients: proto-bundle ## remake the generated part of clients/ from proto/ and gen/openapi
	@tools/require.sh clients
	$(BUF) build proto --output build/contract.binpb
	go run ./tools/pyclient build/contract.binpb clients/python/src
	clients/typescript/build.sh clients/typescript

BUNDLE ?= build/proto-bundle

.PHONY: proto-bundle
proto-bundle: protodeps ## write the contract for other languages into build/proto-bundle and an archive beside it
	@$(BUF) build proto --output build/contract-bundle.binpb
	@go run ./tools/protobundle build/contract-bundle.binpb $(BUNDLE)

.PHONY: protodeps
protodeps: require
	@go run ./tools/protodeps build/protodeps

.PHONY: docs
docs: require ## remake the documents, the dashboard and the alerts that are written from code
	go run ./tools/docs docs
	go run ./tools/monitoring deploy

.PHONY: page
page: ## remake web/dist, the page for people, from web/src
	@tools/require.sh page
	web/build.sh web/dist

.PHONY: screenshots
screenshots: build ## take the screenshots of docs/screenshots anew, from the running page
	@tools/require.sh test
	node test/page/testdata/browser/screenshots.mjs bin/zhaohuo docs/screenshots

.PHONY: check-generated
check-generated: proto-bundle ## fail when gen/, clients/, written documents, fingerprints or the page are not what their sources make
	@tools/require.sh page
	@tools/require.sh clients
	@rm -rf build/check && mkdir -p build/check/docs
	$(BUF) generate --output build/check
	$(BUF) build proto --output build/contract.binpb
	go run ./tools/openapi build/contract.binpb build/check/gen/openapi/zhaohuo.openapi.json
	@diff -r build/check/gen gen || { echo 'error: gen/ is out of date: make generate' >&2; exit 1; }
	go run ./tools/pyclient build/contract.binpb build/check/python
	@for made in v1 services.py _google/rpc _google/type; do \
		diff -rq -x __pycache__ build/check/python/zhaohuo/$$made clients/python/src/zhaohuo/$$made || \
			{ echo 'error: clients/python is out of date: make clients' >&2; exit 1; }; \
	done
	clients/typescript/build.sh build/check/typescript
	@for made in gen dist LICENSE; do \
		diff -rq build/check/typescript/$$made clients/typescript/$$made || \
			{ echo 'error: clients/typescript is out of date: make clients' >&2; exit 1; }; \
	done
	$(DRAW) build/check/fingerprints.zst
	@cmp build/check/fingerprints.zst sandbox/gallery/drawn/fingerprints.zst || { echo 'error: the fingerprints are out of date: make generate' >&2; exit 1; }
	go run ./tools/docs build/check/docs
	@cd build/check/docs && find . -type f | while read -r file; do \
		diff -u "../../../docs/$$file" "$$file" || { echo "error: docs/$$file is out of date: make docs" >&2; exit 1; }; \
	done
	go run ./tools/monitoring build/check/deploy
	@cd build/check/deploy && find . -type f | while read -r file; do \
		diff -u "../../../deploy/$$file" "$$file" || { echo "error: deploy/$$file is out of date: make docs" >&2; exit 1; }; \
	done
	web/build.sh build/check/web
	@diff -rq build/check/web web/dist || { echo 'error: web/dist is out of date: make page' >&2; exit 1; }

.PHONY: breaking
breaking: protodeps ## fail when the contract breaks the one last released
	@test -f $(RELEASED) || { echo 'error: $(RELEASED) is missing: it belongs to the repository' >&2; exit 1; }
	$(BUF) breaking proto --against $(RELEASED)

.PHONY: release-contract
release-contract: protodeps ## release step: make the present contract the released one
	$(BUF) build proto --exclude-source-info --output $(RELEASED)

# ---- format and lint

.PHONY: fmt
fmt: protodeps ## format Go and protos
	$(GOLANGCI) fmt
	$(BUF) format -w proto

.PHONY: check-fmt
check-fmt: protodeps ## fail when something is not formatted
	$(GOLANGCI) fmt --diff
	$(BUF) format --diff --exit-code proto

.PHONY: lint
lint: require ## lint Go, the page and the package for TypeScript
	$(GOLANGCI) run
	@tools/require.sh page
	npm --prefix web run --silent lint
	@tools/require.sh typescript
	npm --prefix clients/typescript run --silent lint
	@# A test may sleep only on the fake clock of a synctest bubble. No linter knows that, so search the files.
	@sleepers=$$(git grep -l --untracked 'time\.Sleep(' -- '*_test.go' | xargs -r grep -L '"testing/synctest"' || true); \
		test -z "$$sleepers" || { printf 'error: a test sleeps on the real clock:\n%s\n' "$$sleepers" >&2; exit 1; }
	@go run ./tools/wordcheck

.PHONY: buf-lint
buf-lint: protodeps ## lint the contract
	$(BUF) lint proto

# ---- packages

# The machine that the packages are for, in Go's words and in those of Red Hat.
ARCH ?= $(shell go env GOARCH)
RPMARCH = $(subst amd64,x86_64,$(subst arm64,aarch64,$(ARCH)))
# dpkg refuses a version that does not begin with a digit, and in a clone without tags a version is a commit.
PACKAGEVERSION = $(shell [[ '$(VERSION)' =~ ^v?[0-9]+\. ]] && echo '$(VERSION)' || echo '0.0.0+$(VERSION)')

.PHONY: packages
packages: require ## build the packages for Debian and Red Hat of ARCH, with checksums and an SBOM, into build/packages
	@mkdir -p build/packages
	@# Those of an earlier version would be checked and summed, too.
	rm -f build/packages/*_$(ARCH).deb build/packages/*.$(RPMARCH).rpm
	go run -trimpath ./cmd/zhaohuo man | gzip --best --no-name > build/packages/zhaohuo.1.gz
	CGO_ENABLED=0 GOOS=linux GOARCH=$(ARCH) go build -trimpath -ldflags '$(LDFLAGS)' -o bin/zhaohuo ./cmd/zhaohuo
	@for kind in deb rpm; do \
		VERSION='$(PACKAGEVERSION)' ARCH='$(ARCH)' SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(NFPM) package --config deploy/package/nfpm.yaml --packager $$kind --target build/packages/; \
	done
	cp bin/zhaohuo build/packages/zhaohuo-linux-$(ARCH)
	$(CYCLONEDX) bin -json -licenses -output build/packages/zhaohuo-linux-$(ARCH).cdx.json -version '$(VERSION)' bin/zhaohuo
	cd build/packages && rm -f SHA256SUMS && sha256sum * > SHA256SUMS

# Of the machine, or what tools/require.sh unpacked.
PROMTOOL = $$(command -v promtool || echo $(CURDIR)/build/promtool/usr/bin/promtool)

.PHONY: check-deploy
check-deploy: ## check what is in deploy/ with its own linters, as far as they are quick
	@tools/require.sh deploy
	@mkdir -p build
	$(ACTIONLINT)
	sh -n deploy/package/postinstall.sh && sh -n deploy/package/preremove.sh
	@# The unit may not be exposed more than 3.0 of 10. verify wants the program to be there.
	systemd-analyze security --offline=true --threshold=30 --no-pager deploy/systemd/zhaohuo.service > build/exposure.txt || \
		{ cat build/exposure.txt; exit 1; }
	@sed 's|^ExecStart=/usr/bin/zhaohuo|ExecStart=/bin/true|' deploy/systemd/zhaohuo.service > build/zhaohuo-check.service
	systemd-analyze verify --man=no build/zhaohuo-check.service
	systemd-sysusers --dry-run $(CURDIR)/deploy/systemd/zhaohuo.sysusers
	cd deploy/prometheus && $(PROMTOOL) check rules rules.yaml && $(PROMTOOL) test rules rules_test.yaml
	@# The file of rules lies elsewhere in the container.
	@mkdir -p build/prometheus && cp deploy/compose/prometheus.yaml deploy/prometheus/rules.yaml build/prometheus/
	$(PROMTOOL) check config build/prometheus/prometheus.yaml

# The version of Kubernetes that the chart is rendered for: helm asks no cluster here.
KUBEVERSION = 1.31.0

# Minutes to build helm: not part of the gate.
.PHONY: check-packages
check-packages: packages check-deploy ## build the packages and the chart, and check both with their own tools; takes a quarter of an hour at first
	@tools/require.sh packages
	@rm -rf build/unpacked
	dpkg-deb --extract build/packages/*_$(ARCH).deb build/unpacked
	build/unpacked/usr/bin/zhaohuo --version
	@# Static binaries are what Go makes; there is no list of changes in Debian's form, and the unit is started by hand.
	lintian --fail-on error --suppress-tags statically-linked-binary,no-changelog build/packages/*_$(ARCH).deb
	rpm --query --list --package build/packages/*.rpm
	yamllint --no-warnings --config-data '{extends: default, rules: {line-length: disable, braces: disable, comments: disable}}' \
		deploy/compose deploy/systemd deploy/prometheus deploy/package deploy/helm/values.yaml deploy/helm/Chart.yaml
	shellcheck deploy/package/*.sh tools/install-packages.sh
	tools/install-packages.sh build/packages build/debian
	$(HELM) lint --strict deploy/helm
	$(HELM) template check deploy/helm --kube-version $(KUBEVERSION) > build/helm.yaml
	$(HELM) template check deploy/helm --kube-version $(KUBEVERSION) --set autoscaling.enabled=true --set serviceMonitor.enabled=true --set persistence.enabled=false \
		--set tls.secretName=callers --set existingSecret=own > build/helm-full.yaml
	yamllint --no-warnings --config-data '{extends: relaxed, rules: {line-length: disable}}' build/helm.yaml build/helm-full.yaml

# ---- other

.PHONY: tools
tools: require bin/grpcurl ## build the pinned tools once, so that later calls are quick
	$(BUF) --version
	$(GOLANGCI) version
	$(GOTESTSUM) --version

.PHONY: clean
clean: ## remove what was built
	rm -rf bin build
