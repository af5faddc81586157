"""
ONNX -> TensorRT: an engine for the GPU of this very machine, and its card.

``python -m convert tensorrt --model u2netp`` builds into the cache, where ``edge --matting
tensorrt:u2netp`` finds it.
"""
