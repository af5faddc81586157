"""Camera -> alpha matte -> composite -> WebRTC, on one small device."""

__version__ = "0.1.0"
