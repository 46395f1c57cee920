"""The trail of every decision about an item."""
