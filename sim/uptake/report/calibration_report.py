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
    from uptake.report import html
    from uptake.results.provenance import provenance

    made = provenance(results[0].variant.cases[0])
    write_json(folder / "provenance.json", made)
    write_json(folder / "summary.json", tables.summary(results))
    shown: dict[str, str] = {}
    if results[0].variant.cases[0].config.figures:
        for number, result in enumerate(results):
            shown |= _drawn(result, folder, f"_{result.variant.name}" if number else "")
    said = sentences(results)
    html.write_study(tables.TITLE, said, shown, tables.tables(results), made, folder)
    return said


def _drawn(result: StructureResult, folder: Path, of: str) -> dict[str, str]:
    """Draw the figures of a structure; return their files, and what each shows."""
    from uptake.report import figures

    drawn = {}
    under = f", structure {result.name}" if of else ""
    pooled, readings = tables.learnt_rows(result), tables.predicted_rows(result)
    if pooled:
        figures.learnt(pooled, f"{tables.TITLE}{under}", folder / f"learnt{of}")
        drawn[f"learnt{of}.svg"] = (
            f"Pooled parameters in a new scheme and in every history{under}; tables hold all."
        )
    for page, rows in enumerate(figures.pages(readings), 1):
        name = f"predicted{of}" + (f"_{page}" if page > 1 else "")
        figures.predicted(rows, f"{tables.CHECKS}{under}", folder / name)
        drawn[f"{name}.svg"] = (
            f"What was observed beside what is predicted{under}; tables hold all."
        )
    return drawn
