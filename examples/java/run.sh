#!/usr/bin/env bash
# Makes stubs from the bundle of protos with Debian's protoc and plugin, compiles them with the stories, and runs them.
#
#   make proto-bundle && examples/java/run.sh photo.jpg
#
# BUNDLE is the folder of the bundle, MADE the folder for what is made.
set -euo pipefail

photo=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
bundle=${BUNDLE:-build/proto-bundle}
made=${MADE:-build/examples/java}

# Netty and what gRPC needs, of the packages libgrpc-java, libnetty-java, libprotobuf-java, libperfmark-java and libgeronimo-annotation-1.3-spec-java.
classpath=$made/classes
for jar in grpc-{api,context,core,netty,protobuf,protobuf-lite,stub} netty-{buffer,codec,codec-http,codec-http2,common,handler,resolver,transport} \
    protobuf guava perfmark-api jsr305 geronimo-annotation-1.3-spec; do
    classpath+=:/usr/share/java/$jar.jar
done

rm -rf "$made"
mkdir -p "$made/sources" "$made/classes"
mapfile -t protos < <(cd "$bundle" && find . -name '*.proto' -printf '%P\n')
protoc -I "$bundle" --plugin=protoc-gen-grpc-java="$(command -v grpc_java_plugin)" \
    --java_out="$made/sources" --grpc-java_out="$made/sources" "${protos[@]}"
find "$made/sources" -name '*.java' >"$made/files"
javac -proc:none -nowarn -encoding UTF-8 -J-XX:TieredStopAtLevel=1 -d "$made/classes" -cp "$classpath" "@$made/files" examples/java/Stories.java

exec java -XX:TieredStopAtLevel=1 -cp "$classpath" Stories "$photo"
