"""What sweeps and ledgers of runs say: comparison, effects, mechanisms."""
