"""A checkout that needs no installation: its environment borrows the packages of this one."""

from __future__ import annotations

import hashlib
import shutil
import sys
import sysconfig
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"


def ready_checkout(root: Path) -> Path:
    """Make one at ``root``; gives the script that starts it."""
    root.mkdir()
    shutil.copy2(ROOT / "run.edge.sh", root)
    for name in ("scripts", "locks"):
        shutil.copytree(ROOT / name, root / name)
    for name in ("edge", "web", "models"):
        (root / name).symlink_to(ROOT / name)
    made = root / ".venv"
    venv.create(made, symlinks=True)
    site = made / "lib" / f"python{PYTHON}" / "site-packages"
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    stamp = made / "edge-locks" / "cpu"
    stamp.parent.mkdir()
    lock = (ROOT / "locks" / f"cpu-py{PYTHON.replace('.', '')}.txt").read_bytes()
    stamp.write_text(f"python {PYTHON}, lock {hashlib.sha256(lock).hexdigest()}\n")
    return root / "run.edge.sh"
