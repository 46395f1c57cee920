"""HTTP, WebSocket and pages: everything that uses FastAPI."""
