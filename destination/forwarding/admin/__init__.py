"""The admin port of a forwarder: health, metrics, reloading, the last events and the dead letters."""

from destination.forwarding.admin.app import Panel, create_admin
from destination.forwarding.admin.metrics import Metrics, ShownState, States, WaitingEvents
from destination.forwarding.admin.tail import EventTail
from destination.forwarding.admin.watching import Watching

__all__ = ["EventTail", "Metrics", "Panel", "ShownState", "States", "WaitingEvents", "Watching", "create_admin"]
