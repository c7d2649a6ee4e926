"""The public interface: what a notebook, the commands and the page do, they do through this."""
