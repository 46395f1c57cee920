"""Networks: each entry of `networks/` turns the posts of one network into Posts."""
