"""What each kind of agent does in a month: state and draws go in, rules decide.

No formulas, but for bounds on the rules (``bounds``), which only say what need not be asked.
"""
