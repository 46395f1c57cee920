"""HTTP, WebSocket and pages: the only room that knows FastAPI."""
