# syntax=docker/dockerfile:1
# The service on a Jetson Orin or Thor with JetPack 7 (CUDA 13, TensorRT 10.16), built on the device:
#   docker build --file docker/jetpack7.Dockerfile --tag edge-matting:jetpack7 .
# The base knows CUDA's package source, which has TensorRT too; the driver comes from the runtime.
ARG BASE=nvidia/cuda:13.2.1-base-ubuntu24.04
ARG LOCK=jetpack7

# hadolint ignore=DL3006
FROM ${BASE} AS platform
ARG TENSORRT=10.16.*+cuda13.2
ARG GSTREAMER="python3-gi gir1.2-gst-plugins-base-1.0 gstreamer1.0-plugins-good gstreamer1.0-plugins-bad"
COPY docker/steps/platform.sh docker/steps/tensorrt.sh /build/docker/steps/
# shellcheck disable=SC2086
RUN sh /build/docker/steps/tensorrt.sh "$TENSORRT" cuda-nvrtc-13-2 cuda-cudart-13-2 $GSTREAMER && rm -r /build
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
