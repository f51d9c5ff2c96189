#!/usr/bin/env bash
# Runs every fuzz target of the module for the given time each (Go fuzzes one target at a time). Stops at the first failure,
# whose input Go stores below testdata/fuzz.
#
#   tools/fuzz.sh 10s
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

time_each=${1:?usage: tools/fuzz.sh DURATION}
count=0
while read -r file; do
    package=./$(dirname "$file")
    while read -r target; do
        printf '== %s %s, %s\n' "$package" "$target" "$time_each"
        # -parallel: fuzzing workers starve each other on small machines. </dev/null: the loop's input is not the test's.
        go test -run '^$' -fuzz "^$target\$" -fuzztime "$time_each" -parallel 2 "$package" </dev/null
        count=$((count + 1))
    done < <(sed -nE 's/^func (Fuzz[[:alnum:]_]+)\(.*\*testing\.F\).*/\1/p' "$file")
done < <(git ls-files --cached --others --exclude-standard -- '*_test.go' | sort)
printf '%d fuzz targets, nothing found\n' "$count"
