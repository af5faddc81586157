"""The numbers as files: one row per picture in CSV, the summaries in JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edge.files import write_atomically
from train.evaluate.evaluation import Evaluation

COLUMNS = {  # of score.csv, those of the usual segmentation tables first -> our measure
    "Accuracy": "accuracy",
    "F1": "f1",
    "Jaccard": "jaccard",
    "Recall": "recall",
    "Precision": "precision",
    "BoundaryIoU": "boundary_iou",
    "MAD": "mad",
    "MSE": "mse",
    "SAD": "sad",
    "Grad": "grad",
    "Conn": "conn",
    "dtSSD": "dtssd",
    "MeanAlpha": "mean_alpha",
}
LABELS = {  # for people
    **{measure: column for column, measure in COLUMNS.items()},
    "boundary_iou": "Boundary IoU",
    "mean_alpha": "mean alpha",
}


def score_table(evaluation: Evaluation, treatment: str) -> str:
    """The text of score.csv: Image, the measures (empty where one has no meaning), Category."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("Image", *COLUMNS, "Category"))
    for score in evaluation.scores:
        numbers = score.treatments[treatment]
        cells = (f"{numbers[m]:.5f}" if m in numbers else "" for m in COLUMNS.values())
        writer.writerow((score.name, *cells, score.category))
    return out.getvalue()


def write_scores(folder: Path, evaluation: Evaluation, prefix: str = "") -> None:
    """
    Write score.csv (the model's own alpha) and score-refined.csv (as the service shows it).

    Raises:
        OSError: they cannot be written.
    """
    for treatment, name in (("raw", "score.csv"), ("refined", "score-refined.csv")):
        write_atomically(folder / f"{prefix}{name}", score_table(evaluation, treatment).encode())


def write_summary(folder: Path, content: Mapping[str, Any]) -> None:
    """Write summary.json. Raises OSError."""
    write_atomically(folder / "summary.json", (json.dumps(content, indent=1) + "\n").encode())
