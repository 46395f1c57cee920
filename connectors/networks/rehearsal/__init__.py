"""Conference archives: their format, their timeline, and the invented conference that ships with Backchannel."""
