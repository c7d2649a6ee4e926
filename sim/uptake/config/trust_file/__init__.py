"""The trusts of a user's own, from CSV, Parquet or Excel, checked row by row."""
