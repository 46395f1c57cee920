"""Post → Item → Record → Frame: what a wall collects, decides and publishes. This room knows no HTTP server."""
