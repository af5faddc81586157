# syntax=docker/dockerfile:1
# The service on a Jetson Orin with JetPack 6 (CUDA 12.6, TensorRT 10.3), built on the device itself:
#   docker build --file docker/jetpack6.Dockerfile --tag edge-matting:jetpack6 .
# CUDA and TensorRT come from Jetson Linux' package source, the driver from the container runtime.
ARG BASE=ubuntu:22.04
ARG LOCK=jetpack6

# hadolint ignore=DL3006
FROM ${BASE} AS platform
ARG L4T=r36.4
ARG TENSORRT=10.3.*
ARG GSTREAMER="python3-gi gir1.2-gst-plugins-base-1.0 gstreamer1.0-plugins-good gstreamer1.0-plugins-bad"
COPY docker/steps/platform.sh docker/steps/tensorrt.sh /build/docker/steps/
# shellcheck disable=SC2086
RUN sh /build/docker/steps/tensorrt.sh "$TENSORRT" cuda-nvrtc-12-6 cuda-cudart-12-6 $GSTREAMER && rm -r /build
ENV NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=all

# The stages below are the same for every target (tests/ship holds them to it).

FROM platform AS packages
ARG LOCK
WORKDIR /build
COPY locks /build/locks
COPY docker/steps/packages.sh /build/docker/steps/
RUN --mount=type=secret,id=ca sh docker/steps/packages.sh "$LOCK" /opt/edge-matting/venv

FROM platform AS service
RUN groupadd --gid 10001 edge \
    && useradd --uid 10001 --gid edge --groups video --no-log-init --shell /usr/sbin/nologin \
        --home-dir /var/lib/edge-matting --no-create-home edge \
    && install -d -m 0750 -o edge -g edge /var/lib/edge-matting
COPY --from=packages /opt/edge-matting/venv /opt/edge-matting/venv
COPY docker/healthcheck.py LICENSE /opt/edge-matting/
COPY models /opt/edge-matting/app/models
COPY web /opt/edge-matting/app/web
COPY edge /opt/edge-matting/app/edge
RUN --mount=type=bind,source=docker/steps,target=/build \
    /opt/edge-matting/venv/bin/python -I /build/warm.py

ENV EDGE_LISTEN=0.0.0.0:8443 \
    EDGE_STATE_DIR=/var/lib/edge-matting/state \
    EDGE_CACHE_DIR=/var/lib/edge-matting/cache \
    HOME=/var/lib/edge-matting \
    PYTHONUNBUFFERED=1
ARG VERSION=0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Edge Matting" \
    org.opencontainers.image.description="Live background replacement: camera, matte, WebRTC" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.version="$VERSION" \
    org.opencontainers.image.revision="$REVISION"
USER 10001
WORKDIR /var/lib/edge-matting
VOLUME /var/lib/edge-matting
EXPOSE 8443
HEALTHCHECK --interval=30s --timeout=10s --start-period=90s --retries=3 \
    CMD ["/opt/edge-matting/venv/bin/python", "-I", "/opt/edge-matting/healthcheck.py"]
ENTRYPOINT ["/opt/edge-matting/venv/bin/python", "-I", "-m", "edge"]
CMD ["serve"]
