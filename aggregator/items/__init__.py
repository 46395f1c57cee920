"""Posts and items: what was posted, and its state on each wall."""
