"""Networks: each entry of `networks/` is one place where people post, and turns what it says into Posts."""
