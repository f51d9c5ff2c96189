#!/usr/bin/env bash
# Makes stubs from the bundle of protos with Debian's protoc and plugin, and runs the stories.
#
#   make proto-bundle && examples/ruby/run.sh photo.jpg
#
# BUNDLE is the folder of the bundle, MADE the folder for what is made.
set -euo pipefail

photo=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
bundle=${BUNDLE:-build/proto-bundle}
made=${MADE:-build/examples/ruby}

rm -rf "$made"
mkdir -p "$made"
# The messages of google/ come with the library.
mapfile -t protos < <(cd "$bundle" && find zhaohuo -name '*.proto')
protoc -I "$bundle" --plugin=protoc-gen-grpc="$(command -v grpc_ruby_plugin)" --ruby_out="$made" --grpc_out="$made" "${protos[@]}"

exec ruby -I "$made" examples/ruby/stories.rb "$photo"
