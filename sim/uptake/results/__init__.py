"""Results on disk: tables written whole or not at all, their summaries, their provenance."""

from uptake.files import whole_file, write_bytes, write_json, write_text
from uptake.results.pairs import differences
from uptake.results.provenance import provenance
from uptake.results.reading import SweepTables, open_sweep
from uptake.results.summary import curve_bands, describe, summarise
from uptake.results.tables import OUTCOME_NAMES, QUANTILES, breakdown_columns, save_tables

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
