"""Strangers' text made safe: HTML, characters, hashtags, host names and JSON."""
