"""
How good a model is: measured on stills, empty rooms and clips, and shown in a report.

``evaluate(model, scenes)`` gives an ``Evaluation``; ``write_report`` makes of one, or of two that
are compared, ``report.html``, ``score.csv`` and ``summary.json``. The command is
``python -m train evaluate``.
"""

from __future__ import annotations

from train.evaluate.comparison import Comparison
from train.evaluate.evaluation import Evaluation
from train.evaluate.measuring import Plan
from train.evaluate.models import TorchModel, load_checkpoint, load_model
from train.evaluate.report import write_report
from train.evaluate.run import compare, evaluate
from train.evaluate.scenes import Scene, find_scenes, held_out

__all__ = [
    "Comparison",
    "Evaluation",
    "Plan",
    "Scene",
    "TorchModel",
    "compare",
    "evaluate",
    "find_scenes",
    "held_out",
    "load_checkpoint",
    "load_model",
    "write_report",
]
