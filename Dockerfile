# Built with the compiler that rust-toolchain.toml names. The file itself stays outside: rustup would download clippy and
# rustfmt for it.
#
# A release pins both images by digest, as in FROM rust:1.95.0-trixie@sha256:… (docs/operations.md).
FROM rust:1.95.0-trixie AS build

# cmake: a dependency compiles zlib-ng. Its version is not pinned, since Debian drops old ones from the archive.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends cmake \
    && rm -rf /var/lib/apt/lists/*

# Writes the list of what it was built from into the program, where scanners of images look for it.
RUN cargo install --locked --version 0.7.7 cargo-auditable

WORKDIR /build
ENV SQLX_OFFLINE=true

# Dependencies first: this layer is built again only when the manifest or the lock file changes.
COPY Cargo.toml Cargo.lock ./
RUN mkdir src \
    && echo 'fn main() {}' > src/main.rs \
    && touch src/lib.rs \
    && cargo auditable build --locked --release

COPY askama.toml build.rs licenses.txt ./
COPY .sqlx .sqlx
COPY migrations migrations
COPY src src
# cargo compares file times, and the copied files may be older than the placeholders.
RUN touch src/main.rs src/lib.rs \
    && cargo auditable build --locked --release --bin authgate


FROM gcr.io/distroless/cc-debian13:nonroot

LABEL org.opencontainers.image.title="AuthGate" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.base.name="gcr.io/distroless/cc-debian13:nonroot" \
      org.opencontainers.image.description="A reverse-proxy authentication gateway: sign-up, sign-in and sessions in front of any HTTP backend" \
      org.opencontainers.image.licenses="Apache-2.0"

COPY --from=build /build/target/release/authgate /usr/local/bin/authgate

# By number: Kubernetes' runAsNonRoot cannot tell who a name is.
USER 65532:65532
EXPOSE 8080

HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 \
    CMD ["/usr/local/bin/authgate", "healthcheck", "--config", "/etc/authgate/gateway.yaml"]

ENTRYPOINT ["/usr/local/bin/authgate"]
CMD ["serve", "--config", "/etc/authgate/gateway.yaml"]
