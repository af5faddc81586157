"""
How far an alpha matte is from the truth.

Each measure is pure: alphas are (H, W) float32 in [0, 1] of one shape, and the number comes back in
the unit that papers print it in. Of errors lower is better:

* mad, mse: mean absolute and mean squared difference, x 1e3
* sad: sum of absolute differences, / 1e3
* grad, conn: gradient and connectivity error of Rhemann et al., "A Perceptually Motivated Online
  Benchmark for Image Matting", CVPR 2009, / 1e3. Both are sums, so they grow with the picture, as
  sad does.
* dtssd: flicker, of Erofeev et al., "Perceptually Motivated Benchmark for Video Matting", BMVC
  2015, x 1e2, as Lin et al. print it ("Robust High-Resolution Video Matting", WACV 2022)

Of shares, in [0, 1], higher is better:

* cut: alpha cut at one half, and from that accuracy, precision, recall, F1 and Jaccard
* boundary_iou: of the outlines alone, Cheng et al., CVPR 2021
* precision_recall: over all thresholds
"""

from __future__ import annotations

from bench.measures.boundary import boundary_iou
from bench.measures.conn import conn
from bench.measures.cut import Confusion, cut
from bench.measures.dtssd import dtssd
from bench.measures.grad import grad
from bench.measures.mad import mad
from bench.measures.mse import mse
from bench.measures.sad import sad
from bench.measures.thresholds import precision_recall

__all__ = [
    "Confusion",
    "boundary_iou",
    "conn",
    "cut",
    "dtssd",
    "grad",
    "mad",
    "mse",
    "precision_recall",
    "sad",
]
