"""The live view: what a running forwarder got, what became of it, and its dead letters."""

from destination.studio.live.calls import check, dead_letters, events, replay, status
from destination.studio.live.client import check_address

__all__ = ["check", "check_address", "dead_letters", "events", "replay", "status"]
