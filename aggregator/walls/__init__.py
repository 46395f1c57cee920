"""Walls and the sources that they follow."""
