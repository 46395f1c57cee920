"""Walls, and following sources on them."""
