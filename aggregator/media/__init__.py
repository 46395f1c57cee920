"""Pictures: fetched, checked, re-encoded, stored by content, and served by this server alone."""
