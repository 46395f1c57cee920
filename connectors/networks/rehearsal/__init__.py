"""Conference archives: their format, their time-table, and the invented conference that ships with Backchannel.

It refuses to know how an archive reaches a wall; `connector.py` is the network that plays one.
"""
