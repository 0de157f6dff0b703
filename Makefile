# Potli. `make run` needs Go, and npm for the letters of India's scripts; `make test` installs the rest.

GO      ?= go
BUILD   := .build
STRIP   := -trimpath -buildvcs=false -ldflags='-s -w'
# The wallet is sent over the telephone's network: in our packages and in go-app's
# calls are not written out in place, which is a tenth less. The searching of all
# records is an inner loop, and so is most of the standard library: they stay fast.
LEAN    := -gcflags='potli/...=-l' -gcflags='github.com/...=-l' -gcflags='potli/app/find='
# Packages that also run in the browser: tested natively and again as wasm.
DOMAIN  := ./app/fhir ./app/fhir/tree ./app/find ./app/card ./app/xml ./app/charset ./app/ccda ./app/note ./app/applehealth ./app/record ./app/diary ./app/vault ./app/family ./app/consent/... ./app/conform ./app/share ./app/summary ./app/plain ./app/locale ./app/qr ./app/wallet ./app/sync ./app/history ./app/traffic ./app/relayclient ./app/strict ./app/party ./app/message ./app/inbox ./app/pair ./app/scan/... ./app/sheet ./app/ucum ./app/trend ./app/fountain ./app/emergency ./crypto/...
QUALITY ?= 11

.DEFAULT_GOAL := help
.PHONY: help run build site release fonts relay clinic worker worker-build test deps vet unit wasm-unit starts arrows e2e bench fuzz clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## build everything and start the wallet, the relay and the clinic's page on this machine
	@exec $(BUILD)/potli

build: site relay ## build without starting: .build/potli, .build/app, .build/viewer

site: fonts
	@mkdir -p $(BUILD)
	@echo "building the wallet (the first time takes a minute or two) ..."
	@GOOS=js GOARCH=wasm $(GO) build $(STRIP) $(LEAN) -o $(BUILD)/app.wasm ./wasm
	@GOOS=js GOARCH=wasm $(GO) build $(STRIP) -o $(BUILD)/scanner.wasm ./wasm/scanner
	@$(GO) run -trimpath -buildvcs=false ./wasm -quality $(QUALITY)

# Fonts that the wallet sends to phones which lack a script: web/fonts says which, byte for byte.
fonts: $(BUILD)/fonts/installed
$(BUILD)/fonts/installed: web/fonts/package.json web/fonts/package-lock.json
	@mkdir -p $(BUILD)/fonts
	@cp web/fonts/package.json web/fonts/package-lock.json $(BUILD)/fonts
	@echo "fetching the letters of ten scripts ..."
	@cd $(BUILD)/fonts && npm ci --no-audit --no-fund --ignore-scripts --loglevel error || { \
		echo "The letters of ten scripts could not be fetched. This needs npm, which comes with Node, and the network once." >&2; exit 1; }
	@touch $@

relay:
	@echo "building the relay ..."
	@CGO_ENABLED=0 $(GO) build $(STRIP) -o $(BUILD)/potli ./relay/cmd/relay

# The wallet is signed where its origins are known. SEQ makes a published release again.
RELEASE := $(BUILD)/release
release: build ## write the signed sites to .build/release and print their hashes: KEY=file APP_URL= RELAY_URL= VIEWER_URL=
	@[ -n "$(KEY)$(PIN)" ] || { echo "say KEY=file; .build/potli release-key -out file makes one" >&2; exit 1; }
	@rm -rf $(RELEASE)
	@$(BUILD)/potli sites -packed -out $(RELEASE) $(foreach key,$(KEY),-release-key '$(key)') $(foreach pin,$(PIN),-release-pin '$(pin)') \
		$(if $(NEED),-release-need '$(NEED)') $(if $(SEQ),-release-seq '$(SEQ)') -app-url '$(APP_URL)' -relay-url '$(RELAY_URL)' -viewer-url '$(VIEWER_URL)'
	@cat $(RELEASE)/SHA256SUMS

clinic: ## build .build/potli-clinic, the provider's side on a command line
	@CGO_ENABLED=0 $(GO) build $(STRIP) -o $(BUILD)/potli-clinic ./app/clinic/potli-clinic

# The generated files first: the tool empties the folder. Then ours.
WORKER := relay/cmd/worker
worker-build:
	@echo "building the relay for Workers ..."
	@$(GO) run github.com/syumai/workers/cmd/workers-assets-gen -mode=go -o $(WORKER)/build
	@rm $(WORKER)/build/runtime.mjs
	@cp $(WORKER)/worker.mjs $(WORKER)/sql.mjs $(WORKER)/build/
	@GOOS=js GOARCH=wasm $(GO) build $(STRIP) -o $(WORKER)/build/app.wasm ./$(WORKER)
	@size=$$(gzip -9 -c $(WORKER)/build/app.wasm | wc -c); echo "app.wasm, gzip -9: $$size bytes"; \
		[ $$size -le $(WORKER_MOST) ] || { echo "that is more than $(WORKER_MOST)" >&2; exit 1; }
WORKER_MOST := 2200000

worker: deps worker-build ## build the relay for Cloudflare Workers and run it here, in workerd, on port 8787
	@$(WORKER)/run

test: deps vet unit wasm-unit e2e ## run everything that CI runs; installs what is missing

# Debian and Ubuntu get what is missing; elsewhere the message says what to install.
deps:
	@.ci/deps

vet:
	$(GO) vet ./...
	GOOS=js GOARCH=wasm $(GO) vet ./app/... ./crypto/... ./wasm/... ./relay/wire ./relay/cf ./relay/cmd/worker ./e2e/testdata/hello ./e2e/testdata/gallery ./e2e/testdata/vaultloop

# The relay's tests wait for most of their time, for a database that is killed or a
# reader that is slow: they come first, and one package more than there are processors
# is tested at a time. What go test would vet has been vetted, and by more rules.
# The race detector watches all that is ours, and what others do with it. It would spend
# two thirds of its time in the arithmetic of these. None of them may hold a copy of a
# generic function of sync or atomic: the linker might take that one, and the detector
# would see no order where there is one (go tool nm shows what a package holds).
FIPS  := crypto/internal/fips140
QUIET := $(foreach lib,$(addprefix $(FIPS)/,sha256 sha3 sha512 subtle alias aes aes/gcm edwards25519 edwards25519/field nistec nistec/fiat bigmod hmac mlkem pbkdf2) \
	$(addprefix golang.org/x/crypto/,chacha20 internal/poly1305 chacha20poly1305 scrypt argon2 blake2b) filippo.io/age/internal/bech32 \
	encoding/base64 encoding/hex compress/flate modernc.org/sqlite/lib,-gcflags=$(lib)=-race=false)

unit:
	$(GO) test -race $(QUIET) -vet=off -p $$(( $$(getconf _NPROCESSORS_ONLN) + 1 )) -timeout 20m $$($(GO) list ./relay/... ./... | grep -v '/e2e')
	$(GO) test -vet=off -timeout 20m -run '$(UNRACED)' ./app/family ./app/fhir ./app/scan/decode ./app/sync ./app/consent ./app/message ./app/clinic ./app/ui ./crypto/pairing
	$(GO) test -vet=off -run T10_ ./relay # by the clock: nothing else meanwhile

# What the race detector bends or makes too slow: times, a hundred thousand histories,
# a thousand syncs, megabytes, pictures, and the 10,000 attackers of whom it sees a tenth.
UNRACED := TestHostile$$|TestHostileText|TestCorpus|T25_|TestMutantsDie|TestHistories|TestEvery|Combination|TestLargest|TestMessages|T2_|T24_

wasm-unit:
	GOOS=js GOARCH=wasm $(GO) test -vet=off -exec "$$($(GO) env GOROOT)/lib/wasm/go_js_wasm_exec" $(DOMAIN)

# A start runs one of ten functions. Which they are is found by running it, in wasm/starts.txt.
starts: build ## find anew which of the wallet's functions a start needs, after a change of it
	@mkdir -p $(BUILD)/watched && cp $(BUILD)/potli $(BUILD)/watched/
	@$(GO) run -trimpath -buildvcs=false ./wasm -watch -quality 0 -names $(BUILD)/watched/app.names -cache $(BUILD)/watched/cache -app $(BUILD)/watched/app -viewer $(BUILD)/watched/viewer
	@POTLI_STARTS=$(CURDIR)/wasm/starts.txt POTLI_BUILT=$(CURDIR)/$(BUILD)/watched $(GO) test -count 1 -vet=off -run '^TestFindStarts$$' -v ./e2e

arrows: ## check which package may import which
	$(GO) test -run 'TestArrows|TestLint|TestTopLevel' ./e2e

# -count 1: go cannot see that the binary and the site these drive have changed.
# One browser for each processor: in ./e2e two tests at a time on two of them, and of
# the other packages two. More, or a small machine is too slow for its own tests. No
# test asks how small the site was made, so that it is made in less time.
e2e: QUALITY := 5
e2e: build worker-build ## the browser tests, and those of the relay for Workers
	@failed=0; run() { echo "go test $$*"; POTLI_BUILT=$(CURDIR)/$(BUILD) $(GO) test -count 1 -vet=off -timeout 35m "$$@" || failed=1; }; \
		run ./e2e; \
		run $$($(GO) list ./e2e/... | grep '/e2e/'); \
		export POTLI_RELAY=workerd; run -run '^(TestJourney|TestClinicCommand|TestVisit|TestConsent)$$' ./e2e; \
		exit $$failed

bench: deps build worker-build ## print the figures: sizes, start, unlock, and the relay on every engine
	@POTLI_BENCH=1 POTLI_BUILT=$(CURDIR)/$(BUILD) $(GO) test -p 1 -timeout 40m -count 1 -run '^TestFigures' -v ./e2e/...

# Each target of the module for its share of the minutes, at least ten seconds. What
# one finds is kept in its package's testdata, and make test runs that from then on.
MINUTES ?= 10
fuzz: ## look for input that breaks a parser: make fuzz MINUTES=600
	@targets=$$(for dir in $$($(GO) list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.Dir}}{{end}}' ./...); do \
		grep -hoE '^func Fuzz[A-Za-z0-9_]+' $$dir/*_test.go | sed "s|^func |$$dir |" | sort -u; done); \
	count=$$(echo "$$targets" | wc -l); seconds=$$(( $(MINUTES) * 60 / count )); [ $$seconds -ge 10 ] || seconds=10; failed=0; \
	echo "$$count targets, $$seconds s each"; \
	echo "$$targets" | { while read -r dir target; do \
		echo "$${dir#$(CURDIR)/} $$target"; \
		$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $${seconds}s "$$dir" || failed=1; done; exit $$failed; }

clean: ## remove what was built; records and links stay where they are
	rm -rf $(BUILD)
