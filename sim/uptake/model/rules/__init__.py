"""The rules: pure functions of numbers and records, compiled once, called by both schedulers."""
