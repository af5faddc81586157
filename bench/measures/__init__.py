"""
How far an alpha matte is from the truth. Lower is better everywhere.

Each measure is pure: alphas are (H, W) float32 in [0, 1] of one shape, and the number comes back in
the unit that papers print it in.

* mad, mse: mean absolute and mean squared difference, x 1e3
* grad, conn: gradient and connectivity error of Rhemann et al., "A Perceptually Motivated Online
  Benchmark for Image Matting", CVPR 2009, / 1e3. Both are sums, so they grow with the picture.
* dtssd: flicker, of Erofeev et al., "Perceptually Motivated Benchmark for Video Matting", BMVC
  2015, x 1e2, as Lin et al. print it ("Robust High-Resolution Video Matting", WACV 2022)
"""

from __future__ import annotations

from bench.measures.conn import conn
from bench.measures.dtssd import dtssd
from bench.measures.grad import grad
from bench.measures.mad import mad
from bench.measures.mse import mse

__all__ = ["conn", "dtssd", "grad", "mad", "mse"]
