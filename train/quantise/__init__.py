"""
Quantisation-aware tuning: an exported graph learns to live with its integers.

Weights and activations are rounded in each forward pass exactly where, and as, ``convert.quantise``
puts Q/DQ, by PyTorch's own fake-quantise operations; gradients pass straight through the rounding
(Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only
Inference", CVPR 2018). The ranges of activations are learnt beside the weights (Esser et al.,
"Learned Step Size Quantization", ICLR 2020). The teacher is the fp32 graph itself.
"""
