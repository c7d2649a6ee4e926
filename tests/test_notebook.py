"""The tutorial runs from its first cell to its last, and shows what it computes."""

from __future__ import annotations

import tempfile
from pathlib import Path

import nbformat
from notebook import TUTORIAL, executed, said


def test_the_tutorial_shows_what_it_computes(tmp_path: Path) -> None:
    """Every cell runs in an empty folder; what it says is what is kept in the file, word by word.

    Run ``python tests/notebook.py`` when it is meant to say something else.
    """
    kept = said(nbformat.read(TUTORIAL, as_version=4))
    notebook = executed(tmp_path)
    assert said(notebook) == kept
    for cell in notebook.cells:
        if ".plot." in cell.source:
            assert ["image/png" in output.data for output in cell.outputs] == [True], cell.source
    assert sum(map(len, kept)) >= 15


def test_the_tutorial_is_short_and_names_no_machine() -> None:
    """Ten minutes: at most 25 cells of code of at most 12 lines; no path of a machine."""
    notebook = nbformat.read(TUTORIAL, as_version=4)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert len(code) <= 25
    assert max(len(source.splitlines()) for source in code) <= 12
    for place in (Path.home(), tempfile.gettempdir()):
        assert f"{place}/" not in TUTORIAL.read_text()
