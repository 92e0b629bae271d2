"""Recorded answers of Segment's runtime: their form, and reading a folder of them.

A vector is a line of JSON: `{"id", "op", "args"}` with `"ok": value`, `"undefined": true` or `"error": text`;
beside an error `"errors"` may hold its single messages, and `"engine": true` says that it is a bare error of the
JavaScript engine, of which only the failure counts. `"instead"` is the reference's answer to the arguments that a
decided divergence makes of these (`divergences.REWRITES`). Other keys are ignored.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parent / "vectors"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an op came to, in the reference or here.

    Attributes:
        kind: `ok`, `undefined` or `error`.
        value: The JSON value of `ok`.
        messages: The single messages of an error.
        engine: Only the failure counts, not its words.
    """

    kind: str
    value: Any = None
    messages: tuple[str, ...] = ()
    engine: bool = False

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> "Answer":
        """Reads the answer of a vector or of the oracle.

        Example:
            >>> Answer.from_json({"error": "A. B.", "errors": ["A.", "B."]}).messages
            ('A.', 'B.')
        """
        if "error" in given or "errors" in given:
            error = given.get("error")
            inner = error if isinstance(error, dict) else {}
            listed = given.get("errors") or inner.get("errors") or (error if isinstance(error, list) else None)
            single = inner.get("message", error)
            messages = [_message(one) for one in listed] if listed else [_message(single)]
            return cls("error", messages=tuple(messages), engine=bool(given.get("engine") or inner.get("engine")))
        return cls("undefined") if given.get("undefined") is True else cls("ok", given["ok"])


def _message(one: Any) -> str:
    return str(one.get("message", "")) if isinstance(one, dict) else str(one)


@dataclass(frozen=True, slots=True)
class Vector:
    """An op, its arguments and what the reference answers."""

    id: str
    op: str
    args: dict[str, Any]
    expected: Answer
    instead: Answer | None = None


def vector_id(op: str, args: Any) -> str:
    """A name that depends on nothing but the question, so that it outlives a new recording."""
    text = json.dumps([op, args], sort_keys=True)
    return f"{op}:{hashlib.sha256(text.encode()).hexdigest()[:10]}"


def read_vectors(folder: Path) -> Iterator[Vector]:
    """The vectors of every `*.jsonl` file in a folder, below it too.

    Raises:
        ValueError: A line is no vector; the message names file and line.
    """
    for path in sorted(folder.rglob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    try:
                        yield _vector(json.loads(line))
                    except (ValueError, KeyError, TypeError, AttributeError) as error:
                        raise ValueError(f"{path}:{number} is no vector: {error!r}") from None


def _vector(given: dict[str, Any]) -> Vector:
    op, args = given["op"], given["args"]
    instead = Answer.from_json(given["instead"]) if "instead" in given else None
    return Vector(str(given.get("id") or vector_id(op, args)), op, args, Answer.from_json(given), instead)
