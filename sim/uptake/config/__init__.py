"""From what a user gave, files and keys, to a case that can be run."""
