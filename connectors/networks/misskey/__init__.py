"""Misskey, Sharkey and their relatives."""
