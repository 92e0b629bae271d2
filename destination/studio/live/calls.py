"""What the live view of the page calls: the state of a forwarder, its events, its dead letters, and their replay."""

from typing import Any, Final
from weakref import WeakKeyDictionary

from destination.runtime import Instance
from destination.studio.live.client import AdminClient, ForwarderRefusal
from destination.studio.live.counts import read_counts
from destination.studio.live.grouping import group_failures
from destination.studio.live.tail import LiveTail
from destination.studio.session import Draft, Studio, StudioProblem

_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
_MOST_CHECKED: Final = 1_000

_TAILS: WeakKeyDictionary[Studio, LiveTail] = WeakKeyDictionary()


def _client(studio: Studio) -> AdminClient:
    if studio.forwarder is None:
        message = "There is no forwarder. Start the studio with --forward URL to see live events."
        raise StudioProblem(message, _NOT_FOUND)
    return AdminClient(studio.forwarder)


def _tail(studio: Studio) -> LiveTail:
    found = _TAILS.get(studio)
    if found is None:
        found = _TAILS[studio] = LiveTail()
    return found


async def status(studio: Studio) -> dict[str, Any]:
    """Reads the state of the forwarder.

    Returns:
        What `GET /readyz` of the admin port answers: `ready`, `reason`, `paused`, `behind` and `destinations`, with the
        `url` of the forwarder, `counts`, what happened to its events since its start, and `eventsError`, why its events
        and dead letters cannot be shown, or None.

    Raises:
        StudioProblem: It cannot be reached.
    """
    client = _client(studio)
    found = await client.get("/readyz")
    counts = read_counts(await client.text("/metrics"))
    try:
        await client.get("/-/events", limit=0)
        error = None
    except StudioProblem as problem:
        error = str(problem)
    assert studio.forwarder is not None  # noqa: S101  _client checked it; for the type checker
    return _masked(studio, {**found, "url": studio.forwarder.url, "counts": counts, "eventsError": error})


async def events(studio: Studio, after: str | None) -> dict[str, Any]:
    """Reads the last events with what became of them.

    Args:
        studio: What the page works on.
        after: The `version` of the last answer; None or 0 for all.

    Returns:
        `events` that are new or have a new outcome, the oldest change first; `version`, to be sent as `after` next;
        `run`, which is another one after a start of the forwarder: then the events replace those before; `groups`, the
        failed events by their reason.

    Raises:
        StudioProblem: It cannot be reached, refuses the token, or serves no events.
    """
    text = after or "0"
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise StudioProblem(f"`after` must be a whole number, not {after!r}")
    tail = _tail(studio)
    await tail.read(_client(studio))
    return _masked(
        studio,
        {
            "run": tail.run,
            "version": tail.version,
            "events": tail.after(int(text)),
            "groups": group_failures(tail.settled()),
        },
    )


async def dead_letters(studio: Studio, destination: str | None, skip: int, limit: int) -> dict[str, Any]:
    """Reads the dead letters of a destination, the oldest first; of all of them if None.

    Args:
        studio: What the page works on.
        destination: The name of the destination.
        skip: The number of dead letters of each destination to leave out.
        limit: The maximum number of dead letters of each destination.

    Returns:
        `total`, and `deadLetters`, each with `destination`, `id`, `messageId`, `at`, `failures` and `event`.

    Raises:
        StudioProblem: It cannot be reached, refuses the token, or serves no events.
    """
    client = _client(studio)
    if destination is not None:
        found = await client.get("/-/dead-letters", destination=destination, skip=skip, limit=limit)
        letters = [{"destination": destination, **one} for one in found["deadLetters"]]
        return _masked(studio, {"total": found["total"], "deadLetters": letters})
    total, everything = 0, []
    await client.get("/-/events", limit=0)  # its refusal concerns all destinations
    for name in (await client.get("/readyz"))["destinations"]:
        try:
            found = await client.get("/-/dead-letters", destination=name, skip=skip, limit=limit)
        except ForwarderRefusal as refusal:
            if refusal.answered == _NOT_FOUND:  # it keeps none
                continue
            raise
        total += found["total"]
        everything += [{"destination": name, **one} for one in found["deadLetters"]]
    return _masked(studio, {"total": total, "deadLetters": everything})


async def replay(studio: Studio, destination: Any, ids: Any) -> dict[str, Any]:
    """Sends dead letters again, with the mappings of the forwarder.

    Args:
        studio: What the page works on.
        destination: The name of the destination.
        ids: The identifiers of the dead letters.

    Returns:
        `acknowledged`, `failed`, `deferred` and `missing`, as the forwarder counts them.

    Raises:
        StudioProblem: The studio was started without `--allow-send` (status 403), or the forwarder does not answer.
    """
    if not studio.allow_send:
        raise StudioProblem("Replaying is locked. Start the studio with --allow-send to replay.", _FORBIDDEN)
    if not isinstance(destination, str) or not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise StudioProblem('post {"destination": "NAME", "ids": ["…"]}')
    client = _client(studio)
    return _masked(studio, await client.post("/-/dead-letters/replay", {"destination": destination, "ids": ids}))


def check(studio: Studio, draft: Draft, found: Any) -> dict[str, Any]:
    """Plans events under a draft: whether each would be sent now. Nothing is sent.

    Args:
        studio: What the page works on.
        draft: The draft.
        found: The events, at most 1,000.

    Returns:
        `verdicts`, for each event its `state` and its `reason`. It is `pass` if a subscription takes the event and each
        that does makes a valid payload; whether the partner accepts it is not known.

    Raises:
        StudioProblem: It is not a list of events, or there are too many.
    """
    if not isinstance(found, list) or len(found) > _MOST_CHECKED:
        raise StudioProblem(f"`events` must be a list of at most {_MOST_CHECKED:,} events")
    instance = studio.instance_of(draft)
    return {"verdicts": [_verdict(instance, event) for event in found]}


def _verdict(instance: Instance[Any], event: Any) -> dict[str, str]:
    if not isinstance(event, dict):
        return {"state": "fail", "reason": "The event is not a JSON object."}
    outcomes = instance.plan(event).outcomes
    failed = [outcome for outcome in outcomes if outcome.error is not None]
    if failed:
        reasons = "; ".join(f"{outcome.name}: {outcome.error}" for outcome in failed)
        return {"state": "fail", "reason": instance.redactor.text(reasons)}
    matched = [outcome.name for outcome in outcomes if outcome.matched]
    if not matched:
        return {"state": "fail", "reason": "No subscription takes the event."}
    return {"state": "pass", "reason": f"{', '.join(matched)}: the payload is valid."}


def _masked(studio: Studio, found: dict[str, Any]) -> dict[str, Any]:
    masked: dict[str, Any] = studio.redactor(found)
    return masked
