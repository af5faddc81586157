"""
fp32 -> int8, as Q/DQ nodes in the graph, that keeps the matte.

Weights are rounded per output channel, activations per tensor, within ranges that were seen on real
pictures. What makes or breaks U2NETP is one convolution (``stage2d.rebnconv1d``): a channel that is
always near 226 serves it as a second bias, with weights thirty times all others. Rounding these
moves every output by a constant, and a matte with MAD 75 comes of it; taken back from the biases
(``correct_bias``, after Nagel et al. 2019) it is MAD 5.

On the CPU the ends are integers, too: the normalised picture, and the side maps, which no ReLU
bounds. A map's step is then some 0.1 of its logits, which moves an edge's alpha by 0.01; what is
left in float costs a third of the time, and more where layouts change on the way.
"""

from __future__ import annotations

from convert.quantise.scheme import CPU, SCHEMES, TENSORRT, Scheme
from convert.quantise.search import Quantised, quantise

__all__ = ["CPU", "SCHEMES", "TENSORRT", "Quantised", "Scheme", "quantise"]
