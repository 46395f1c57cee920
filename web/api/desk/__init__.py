"""The desk's part of the API: what organisers see, decide and set on a wall."""
