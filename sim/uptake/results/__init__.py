"""Runs in memory, what they come to, and the files that they are kept in."""
