"""The tutorial, run cell by cell: ``python tests/notebook.py`` keeps what it shows anew."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from conftest import PATIENCE, ROOT
from nbclient import NotebookClient

# What is shown on a machine that is busy.
WAITING = re.compile(r"((Compil.*|.* (left|so far))\n)+")
TUTORIAL = ROOT / "docs" / "tutorial.ipynb"


def executed(folder: Path) -> Any:
    """Return the tutorial as it is when all of its cells have been run in a folder."""
    notebook = nbformat.read(TUTORIAL, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    with tempfile.TemporaryDirectory() as settings:  # nothing of the user's own
        os.environ |= {"IPYTHONDIR": settings, "JUPYTER_PLATFORM_DIRS": "1"}
        client = NotebookClient(notebook, timeout=PATIENCE, kernel_name="python3")
        client.execute(cwd=str(folder))
    return notebook


def said(notebook: Any) -> list[list[str]]:
    """Return what every cell of code shows as text, in its order, without how far it was."""
    cells = (cell for cell in notebook.cells if cell.cell_type == "code")
    shown = (
        [out.get("text") or out.get("data", {}).get("text/plain", "") for out in cell.outputs]
        for cell in cells
    )
    return [[text for text in texts if not WAITING.fullmatch(text)] for texts in shown]


def main() -> None:
    """Run the tutorial and keep what it shows."""
    with tempfile.TemporaryDirectory() as folder:
        notebook = executed(Path(folder))
    for cell in notebook.cells:
        cell.metadata = {}
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    nbformat.write(notebook, TUTORIAL)


if __name__ == "__main__":
    main()
