"""
fp32 -> int8, as Q/DQ nodes in the graph, that keeps the matte.

Weights are rounded per output channel, activations per tensor, within ranges that were seen on real
pictures. What makes or breaks U2NETP is one convolution (``stage2d.rebnconv1d``): a channel that is
always near 226 serves it as a second bias, with weights thirty times all others. Rounding these
moves every output by a constant, and a matte with MAD 75 comes of it; taken back from the biases
(``correct_bias``, after Nagel et al. 2019) it is MAD 5. Ends stay float: the convolution that
reads the picture, and those whose outputs no ReLU bounds (side maps and their fusion).
"""

from __future__ import annotations

from convert.quantise.scheme import CPU, SCHEMES, TENSORRT, Scheme
from convert.quantise.search import Quantised, quantise

__all__ = ["CPU", "SCHEMES", "TENSORRT", "Quantised", "Scheme", "quantise"]
