"""Vectors that are not yet met, by reason. The list may only shrink: a vector that is met must leave it.

Only `mapping.liquid` may have any, at most 5 % of its vectors; the decided divergences are no failures and do not stand
here (`divergences`).
"""

BY_REASON: dict[str, tuple[str, ...]] = {}

EXPECTED_FAILURES: dict[str, str] = {name: reason for reason, names in BY_REASON.items() for name in names}
"""By vector id: why it is not met."""
