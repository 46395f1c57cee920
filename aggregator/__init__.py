"""The aggregator: collecting, moderating and publishing posts (Post → Item → Record → Frame)."""
