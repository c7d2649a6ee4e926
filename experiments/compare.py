"""x."""

from pathlib import Path


def answer(folder: Path) -> None:
    """X."""
    print(folder)
