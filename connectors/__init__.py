"""Networks: each public module here knows one place where people post and turns what it says into Posts.

This room knows no wall, no database and no web framework.
"""
