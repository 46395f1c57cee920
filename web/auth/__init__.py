"""Signing in to the desk: the session cookie, API tokens, permissions, and the limits of attempts."""
