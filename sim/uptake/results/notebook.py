"""What a notebook shows of a thing that says in a few lines what it is."""

from html import escape


class InLines:
    """A thing whose ``repr`` is a few lines: a notebook shows the same, wrapped."""

    def _repr_html_(self) -> str:
        """Return what it is, as a notebook shows it."""
        return f'<pre style="white-space: pre-wrap">{escape(repr(self))}</pre>'
