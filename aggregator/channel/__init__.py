"""Channels, the only way to a screen: records are published, read and fanned out here."""
