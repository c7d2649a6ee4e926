"""Results on disk: tables written whole or not at all, their summaries, their provenance."""

from sim.results.files import whole_file, write_bytes, write_json, write_text
from sim.results.pairs import differences
from sim.results.provenance import provenance
from sim.results.reading import SweepTables, open_sweep
from sim.results.summary import curve_bands, describe, summarise
from sim.results.tables import OUTCOME_NAMES, QUANTILES, breakdown_columns, save_tables

__all__ = [
    "OUTCOME_NAMES",
    "QUANTILES",
    "SweepTables",
    "breakdown_columns",
    "curve_bands",
    "describe",
    "differences",
    "open_sweep",
    "provenance",
    "save_tables",
    "summarise",
    "whole_file",
    "write_bytes",
    "write_json",
    "write_text",
]
