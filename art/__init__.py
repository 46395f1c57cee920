"""The pictures of the invented conference, drawn by this code: `python -m art`.

Shapes, light and a little grain, with Pillow only; the same code always draws the same pictures.
"""
