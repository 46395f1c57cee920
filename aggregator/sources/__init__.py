"""The sources that walls follow: their addresses, credentials and health, and their sightings of posts."""
