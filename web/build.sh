#!/usr/bin/env bash
# Builds the page from its sources into the given folder. It needs what package-lock.json names; the same sources give the same bytes.
#
#   web/build.sh web/dist
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=$1

rm -rf "$out"
mkdir -p "$out"
go tool -modfile=tools/esbuild.mod esbuild web/src/main.tsx --bundle --minify --format=esm --target=es2022,chrome123,firefox120,safari17.5 \
    --charset=utf8 --jsx=automatic --jsx-import-source=preact --legal-comments=external --outfile="$out/page.js" --log-level=warning
cp web/src/index.html web/src/docs.html web/src/icon.svg "$out/"
cp web/node_modules/rapidoc/dist/rapidoc-min.js "$out/rapidoc.js"

# The licences of what is in the built files.
for name in preact @preact/signals @preact/signals-core openapi-fetch uplot rapidoc; do
    dir=web/node_modules/$name
    printf '==== %s %s\n\n' "$name" "$(node -p "require('./$dir/package.json').version")"
    cat "$dir"/LICENSE*
    printf '\n'
done >"$out/LICENSES.txt"
cat web/node_modules/rapidoc/dist/rapidoc-min.js.LICENSE.txt >>"$out/LICENSES.txt"
