#!/usr/bin/env bash
# Builds the package's committed files into the given folder: gen from the contract, dist from src, and the licence. It needs what
# package-lock.json names, and build/proto-bundle; the same sources give the same bytes.
#
#   clients/typescript/build.sh clients/typescript
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=$1
here=clients/typescript

mkdir -p "$out"
go tool -modfile=tools/buf.mod buf generate build/proto-bundle --template "$here/buf.gen.yaml" --output "$out"
node "$here/node_modules/openapi-typescript/bin/cli.js" gen/openapi/zhaohuo.openapi.json -o "$out/gen/rest.d.ts" >/dev/null

# All names of the contract in one module.
for kind in js d.ts; do
    for file in "$out"/gen/zhaohuo/v1/*_pb.js; do
        printf 'export * from "./zhaohuo/v1/%s";\n' "$(basename "$file")"
    done >"$out/gen/v1.$kind"
done

rm -rf "$out/dist"
node "$here/node_modules/typescript/bin/tsc" --project "$here" --outDir "$out/dist"
cp LICENSE "$out/LICENSE"
