"""What a calibration comes to, in a folder: summary, figures, report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from uptake.files import write_json
from uptake.report import calibration_tables as tables
from uptake.report.text.calibration import sentences

if TYPE_CHECKING:
    from uptake.inference.result import StructureResult


def write(results: list[StructureResult], folder: Path) -> list[str]:
    """Write summary, figures and report into a folder that is there; return the sentences."""
    from uptake.report import figures, html
    from uptake.results.provenance import provenance

    made = provenance(results[0].variant.cases[0])
    write_json(folder / "provenance.json", made)
    write_json(folder / "summary.json", tables.summary(results))
    shown = {}
    if results[0].variant.cases[0].config.figures:
        figures.learnt(tables.learnt_rows(results), tables.TITLE, folder / "learnt")
        figures.predicted(tables.predicted_rows(results), tables.CHECKS, folder / "predicted")
        shown = {
            "learnt.svg": "Every parameter before and after; the tables hold the figures.",
            "predicted.svg": "What was counted beside what the draws predict; the tables hold all.",
        }
    said = sentences(results)
    html.write_study(tables.TITLE, said, shown, tables.tables(results), made, folder)
    return said
