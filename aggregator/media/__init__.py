"""Pictures: fetched, checked, re-encoded, kept by content and served by this server alone."""
