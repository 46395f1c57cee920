"""What a wall follows: its sources, their credentials and health, and which of them saw which post."""
