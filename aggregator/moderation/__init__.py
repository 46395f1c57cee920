"""What may be shown: pure rules, the decisions of organisers, and what undoing them needs."""
