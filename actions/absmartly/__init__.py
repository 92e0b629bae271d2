"""ABsmartly's actions: Track Goal and Track Exposure."""

from actions.absmartly.answer import read_answer
from actions.absmartly.track_exposure import ExposurePayload, track_exposure
from actions.absmartly.track_goal import GoalPayload, track_goal

__all__ = ["ExposurePayload", "GoalPayload", "read_answer", "track_exposure", "track_goal"]
