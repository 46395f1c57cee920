"""Flickr."""
