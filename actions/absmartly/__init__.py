"""ABsmartly's actions: Track Goal and Track Exposure."""

from destination.actions.absmartly.answer import read_answer
from destination.actions.absmartly.track_exposure import ExposurePayload, track_exposure
from destination.actions.absmartly.track_goal import GoalPayload, track_goal

__all__ = ["ExposurePayload", "GoalPayload", "read_answer", "track_exposure", "track_goal"]
