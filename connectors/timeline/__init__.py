"""What networks with timelines share: entries read one by one, no gap between polls, rechecks with a witness."""
