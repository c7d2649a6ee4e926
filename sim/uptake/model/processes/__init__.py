"""What each kind of agent does in a month: state and draws go in, rules decide. No formulas."""
