"""Questions asked of the whole model: they see cases that can be run, and what came of them."""
