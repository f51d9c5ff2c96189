#!/usr/bin/env bash
# Compiles the stories with the package of this repository, and runs them. Nothing is installed beside them:
#
#   examples/typescript/run.sh photo.jpg
#
# MADE is the folder for what is made, by default build/examples/typescript. `tools/require.sh test` installs the compiler.
set -euo pipefail
photo=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
made=${MADE:-build/examples/typescript}
client=$PWD/clients/typescript

mkdir -p "$made/node_modules"
cp examples/typescript/{package.json,tsconfig.json,stories.ts} "$made/"
ln -sfn "$client" "$made/node_modules/zhaohuo"
ln -sfn "$client/node_modules/@types" "$made/node_modules/@types"
node "$client/node_modules/typescript/bin/tsc" --project "$made"
exec node "$made/stories.js" "$photo"
