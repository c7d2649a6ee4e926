"""The page in a real browser: one server and one Chromium for all that is tested here."""
