"""Every sentence, name and number format that a reader sees."""
