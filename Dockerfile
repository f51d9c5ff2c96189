# The image of the service: one static binary on nothing.
#
#   docker build --build-arg VERSION="$(git describe --tags --always)" --build-arg COMMIT="$(git rev-parse HEAD)" \
#       --build-arg DATE="$(git log -1 --format=%cI)" -t zhaohuo .
#
# The image listens on every address of the container. So the service starts only with API keys and TLS, or when
# ZHAOHUO_INSECURE_LISTEN=true says that something else guards its ports: docs/OPERATIONS.md.
ARG GO_VERSION=1.26.8

FROM --platform=$BUILDPLATFORM golang:${GO_VERSION} AS build
WORKDIR /src
COPY go.mod go.sum ./
COPY tools/nopurego tools/nopurego
RUN go mod download
COPY . .
ARG VERSION=devel
ARG COMMIT=
ARG DATE=
ARG TARGETOS
ARG TARGETARCH
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -tags=nodynamic -trimpath -buildvcs=false \
        -ldflags "-s -w -X main.version=$VERSION -X main.commit=$COMMIT -X main.date=$DATE" -o /out/zhaohuo ./cmd/zhaohuo && \
    mkdir -p /out/data /out/tmp && chmod 0700 /out/data && chmod 1777 /out/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/zhaohuo /zhaohuo
COPY --from=build --chown=65532:65532 /out/data /data
# Photos that are being received, in files without names.
COPY --from=build /out/tmp /tmp
USER 65532:65532
ENV ZHAOHUO_DATA_DIR=/data \
    ZHAOHUO_GRPC_ADDR=:9090 \
    ZHAOHUO_HTTP_ADDR=:8080 \
    ZHAOHUO_OPS_ADDR=:9464
VOLUME /data
EXPOSE 9090 8080 9464
# The image has no shell and no curl.
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 CMD ["/zhaohuo", "health"]
# lame-duck, drain-timeout and 5 seconds are the longest that a stop takes: give `docker stop` 30 seconds.
STOPSIGNAL SIGTERM
ENTRYPOINT ["/zhaohuo"]
CMD ["serve"]
