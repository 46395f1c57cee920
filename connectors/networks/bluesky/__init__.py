"""Bluesky, and every service that speaks its API."""
