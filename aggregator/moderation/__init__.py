"""What may be shown: pure rules, the decisions of organisers, and the trail that they leave."""
