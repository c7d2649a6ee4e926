"""What each kind of agent does in a month: state and luck go in, rules decide. No formulas."""
