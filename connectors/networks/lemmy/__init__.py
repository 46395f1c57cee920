"""Lemmy and PieFed."""
