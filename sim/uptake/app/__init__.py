"""The page in the browser: what if, and one run to watch. It asks, shows, and computes nothing."""
