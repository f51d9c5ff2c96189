#!/usr/bin/env bash
# Runs the tests of packages and prints the events of `go test -json`: `make test` calls it. The race detector watches all of them but
# those of the page: they are about what the browser does, the service behind them is watched by test/scenario, and most of their
# time is the browser's. They run beside the others, because they often wait for it.
#
#   RACE='flags' TESTTIMEOUT=40m tools/test.sh ./...
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

packages=$(go list "$@") || exit 1
mapfile -t page < <(grep '/test/page$' <<<"$packages")
mapfile -t others < <(grep -v '/test/page$' <<<"$packages")
status=0
if ((${#page[@]})); then
    # As `make build` builds, so that most of it is compiled.
    CGO_ENABLED=0 go test -json -trimpath -vet=off -timeout "$TESTTIMEOUT" "${page[@]}" >build/page.json &
fi
if ((${#others[@]})); then
    # shellcheck disable=SC2086 # RACE is a list of flags.
    CGO_ENABLED=1 go test -json -vet=off $RACE -timeout "$TESTTIMEOUT" "${others[@]}" || status=1
fi
if ((${#page[@]})); then
    wait $! || status=1
    cat build/page.json
fi
exit "$status"
