"""The doctor's whole report."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from edge import doctor
from edge.doctor.checks import Finding, child, encoders, machine
from edge.zoo import Zoo


def test_examines_this_machine(tmp_path: Path) -> None:
    findings = doctor.examine(Zoo(tmp_path / "cache"), tmp_path / "state", ("127.0.0.1", 0))
    names = [finding.name for finding in findings]
    assert names[:3] == ["Python", "CPU", "memory"]
    assert {"ONNX Runtime", "encoder libx264", "state folder", "port 0"} <= set(names)
    assert not [f for f in findings if "could not be examined" in f.meaning]
    text = doctor.report(findings)
    assert all(name in text for name in names)
    assert max(map(len, text.splitlines())) <= 100 or str(tmp_path) in text


def test_a_broken_check_is_a_row_and_hides_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> list[Finding]:
        raise ValueError("a file nobody thought of")

    monkeypatch.setattr(machine, "examine", broken)
    monkeypatch.setattr(encoders, "examine", list)
    findings = doctor.examine(Zoo(tmp_path), tmp_path, ("127.0.0.1", 0))
    assert findings[0].status == "problem"
    assert "a file nobody thought of" in findings[0].found
    assert len(findings) > 5


def test_the_report_says_what_to_do_about_what_is_not_well() -> None:
    rows = [
        Finding("CPU", "ok", "fine", "fast", "not shown"),
        Finding("cameras", "problem", "none", "dark", "plug one in"),
    ]
    lines = doctor.report(rows).splitlines()
    assert lines[0] == "ok       CPU      fine"
    assert lines[3].split() == ["dark"]
    assert lines[4].strip() == "-> plug one in"
    assert lines[-1] == "1 problem: cameras."
    assert "not shown" not in "\n".join(lines)
    assert "No problem found" in doctor.report(rows[:1])


def test_importing_the_doctor_imports_no_runtime() -> None:
    code = "import json, sys, edge.doctor; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=child.CHECKOUT, capture_output=True, check=True
    )
    heavy = {"onnxruntime", "openvino", "tensorrt", "pycuda", "av", "cv2", "numpy", "gi", "torch"}
    assert not heavy & set(json.loads(done.stdout))
