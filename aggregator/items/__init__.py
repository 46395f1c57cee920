"""Posts and Items: what was said, and its place on a wall."""
