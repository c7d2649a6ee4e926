"""What is told of results: text, tables, figures, HTML."""
