"""What goes when something ends."""
