"""From networks to the store: scheduling, polling, and admitting pages of posts."""

from aggregator.intake.scheduler import Intake

__all__ = ["Intake"]
