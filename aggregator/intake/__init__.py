"""From networks to the store: what is due, one poll read downward, and the road by which a page is admitted."""

from aggregator.intake.scheduler import Intake

__all__ = ["Intake"]
