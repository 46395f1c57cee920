"""What strangers wrote, made safe: HTML, characters, hashtags, host names and JSON."""
