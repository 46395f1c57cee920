"""The audit trail of every privileged act, and of what sources, authors and origins change on a wall."""
