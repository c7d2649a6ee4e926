"""What the histories teach about the parameters."""
