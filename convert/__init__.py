"""
PyTorch -> ONNX -> TensorRT and OpenVINO, each step proven by parity.

The only room, with ``train``, that knows torch. ``python -m convert`` lists what it does.
"""
