"""The options of the data source, checked on the driver before a task starts."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from destination.delivery import DeliveryOptions, RetryPolicy
from destination.runtime.given import find_destination
from destination.usage_problem import UsageProblem
from pyspark_destination.given import GivenInstance, given_instance


def _text(text: str) -> str:
    return text


def _folder(text: str) -> str:
    if "://" in text:
        raise ValueError("a folder of a file system that all executors share, not an address")
    return os.path.abspath(text.removeprefix("file:"))  # noqa: PTH100  executors have other current folders


def _flag(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError("true or false")
    return text.lower() == "true"


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ValueError("a whole number from 1")
    return int(text)


def _seconds(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found < float("inf"):
        raise ValueError("a number from 0")
    return found


_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "destination": _text,
    "mappings": _text,
    "settingsFile": _text,
    "runId": _text,
    "stateFolder": _folder,
    "deadLetters": _folder,
    "results": _folder,
    "rate": _seconds,
    "partitions": _count,
    "batchSize": _count,
    "batchBytes": _count,
    "lingerMs": _seconds,
    "concurrency": _count,
    "attempts": _count,
    "retryFor": _seconds,
    "refusedWait": _seconds,
    "timeout": _seconds,
    "orderedBy": _text,
    "keepGoing": _flag,
    "ignoreIntegrations": _flag,
}
_OF_SPARK: Final = frozenset({"checkpointlocation", "queryname"})
_RUN_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SECRET_NAME: Final = re.compile(r"key|secret|token|password|credential", re.IGNORECASE)
_SECRET_VALUE: Final = re.compile(
    r"://[^/\s:@]*:[^/\s@]+@|^(Bearer|Basic)\s|^(sk|pk|rk|ghp|xox[a-z])[-_]\w{8}", re.IGNORECASE
)


@dataclass(frozen=True)
class WriteOptions:
    """The options of a write, read and checked.

    Attributes:
        given: The instance to send through.
        delivery: How each partition sends.
        concurrency: The maximum number of requests in flight in a partition; None: as in `Delivery`.
        timeout_s: The time limit of a request, in seconds, or None.
        run_id: The name of the run, for batches.
        state_folder: The folder of the progress log and of reports, or None.
        dead_letters: The folder of the table of failed events; by default one in the state folder.
        results: The folder of the table of results, or None.

    Example:
        >>> WriteOptions.__name__
        'WriteOptions'
    """

    given: GivenInstance
    delivery: DeliveryOptions
    concurrency: int | None
    timeout_s: float | None
    run_id: str | None
    state_folder: str | None
    dead_letters: str | None
    results: str | None


def read_options(options: Mapping[str, str]) -> WriteOptions:
    """Reads the options of the data source; their names may be written in any case.

    Raises:
        UsageProblem: An option is unknown, missing or cannot be used, in one line. Values are never repeated.

    Example:
        >>> read_options({"destinaton": "actions-absmartly"})
        Traceback (most recent call last):
        destination.usage_problem.UsageProblem: there is no option destinaton; did you mean destination?
        >>> read_options({"destination": "actions-absmartly", "apiKey": "s3cr3t"})
        Traceback (most recent call last):
        destination.usage_problem.UsageProblem: apiKey is a setting: options are shown in logs and plans; ...
    """
    values = _values(options)
    if "destination" not in values:
        raise UsageProblem('the option destination is missing; give a slug, such as "actions-absmartly"')
    if values.get("rate") == 0:
        raise UsageProblem("the option rate takes a number above 0")
    if ("rate" in values) != ("partitions" in values):
        raise UsageProblem(
            "the options rate and partitions go together: each partition sends at rate ÷ partitions; "
            "give the number of partitions that are written at once"
        )
    run_id = values.get("runId")
    if run_id is not None and not _RUN_ID.fullmatch(run_id):
        raise UsageProblem("the option runId takes up to 100 letters, digits, dots, hyphens and underscores")
    batch_size = values.get("batchSize", 500)
    timeout = values.get("timeout")
    state = values.get("stateFolder")
    return WriteOptions(
        given=given_instance(
            values["destination"], _names(values.get("mappings")), values.get("settingsFile"), sends=True
        ),
        delivery=DeliveryOptions(
            retry=RetryPolicy(attempts=values.get("attempts", 5), retry_for_s=values.get("retryFor", 600.0)),
            rate=values["rate"] / values["partitions"] if "rate" in values else None,
            batch_size=batch_size if batch_size > 1 else None,
            linger_s=values.get("lingerMs", 200.0) / 1000,
            batch_bytes=values.get("batchBytes", 1_000_000),
            ordered_by=values.get("orderedBy"),
            keep_going=values.get("keepGoing", False),
            refused_wait_s=values.get("refusedWait", 10.0),
            ignore_integrations=values.get("ignoreIntegrations", False),
        ),
        concurrency=values.get("concurrency"),
        timeout_s=timeout or None,
        run_id=run_id,
        state_folder=state,
        dead_letters=values.get("deadLetters", None if state is None else os.path.join(state, "dead-letters")),  # noqa: PTH118
        results=values.get("results"),
    )


def _names(mappings: str | None) -> list[str] | None:
    return None if mappings is None else [name.strip() for name in mappings.split(",") if name.strip()]


def _values(options: Mapping[str, str]) -> dict[str, Any]:
    names = {name.lower(): name for name in _READERS}
    values: dict[str, Any] = {}
    for given, text in options.items():
        name = names.get(given.lower())
        if name is None:
            if given.lower() not in _OF_SPARK:
                raise _unknown(given, options)
        elif not text.strip():
            raise UsageProblem(f"the option {name} is empty")
        elif _SECRET_VALUE.search(text):
            raise UsageProblem(f"the option {name} has a value that looks like a secret; {_WHERE_SECRETS_GO}")
        else:
            try:
                values[name] = _READERS[name](text.strip())
            except ValueError as error:
                raise UsageProblem(f"the option {name} takes {error}") from None
    return values


_WHERE_SECRETS_GO: Final = (
    'options are shown in logs and plans; name the secret in the file of settingsFile: apiKey = { env = "NAME" }'
)


def _unknown(given: str, options: Mapping[str, str]) -> UsageProblem:
    from difflib import get_close_matches

    slug = next((text for name, text in options.items() if name.lower() == "destination"), None)
    try:
        settings = {} if slug is None else {key.lower(): key for key in find_destination(slug).settings_fields}
    except UsageProblem as problem:
        return problem
    if given.lower() in settings or _SECRET_NAME.search(given):
        name = settings.get(given.lower(), given)
        kind = "is a setting" if given.lower() in settings else "looks like a secret"
        return UsageProblem(f"{name} {kind}: {_WHERE_SECRETS_GO}")
    known = {name.lower(): name for name in _READERS}
    close = get_close_matches(given.lower(), known, n=1, cutoff=0.6)
    hint = f"did you mean {known[close[0]]}?" if close else f"it takes: {', '.join(_READERS)}"
    return UsageProblem(f"there is no option {given}; {hint}")
