"""Mastodon and every server that speaks its REST API."""
