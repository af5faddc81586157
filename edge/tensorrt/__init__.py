"""
TensorRT: which engine serves a model here, building it beside the running service, running it.

One code path for TensorRT 8.6, 10 and 11, and for TensorRT for RTX, which has the shape of 11.
What a version lacks is asked for by ``hasattr``; only ``library`` imports it.
"""
