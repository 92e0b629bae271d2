"""Compares requests, plans and traces with snapshots by syrupy, a file of text for each."""

from typing import Any, TypeAlias

from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from destination.runtime import Instance, Redactor
from destination.testing.integration import TestIntegration
from destination.testing.text import review_text

Masking: TypeAlias = Instance[Any] | TestIntegration[Any] | Redactor
"""A holder of secrets that no snapshot may show; a test integration has those of its last call."""


class RequestSnapshotExtension(SingleFileSnapshotExtension):
    """Writes what `destination.testing.review_text` takes: sorted keys, secrets masked, one assertion a file.

    It has to know whose secrets to mask: use it as `snapshot.use_extension(RequestSnapshotExtension.of(instance))`, or
    take the fixture `snapshot_requests`.

    Attributes:
        masking: What knows the secrets.
        mark: What the names of the files end with, where one test snapshots with several of these.

    Example:
        >>> from destination.runtime import Redactor
        >>> extension = RequestSnapshotExtension.of(Redactor({"apiKey": "s3cr3t"}, ["apiKey"]), mark=".plan")
        >>> extension.file_extension, extension.mark
        ('txt', '.plan')
    """

    file_extension = "txt"
    masking: Masking | None = None
    mark = ""
    _write_mode = WriteMode.TEXT

    @classmethod
    def of(cls, masking: Masking, mark: str = "") -> "type[RequestSnapshotExtension]":
        """The extension that masks the secrets of an instance, or of a test integration."""
        return type(cls.__name__, (cls,), {"masking": masking, "mark": mark})

    @classmethod
    def get_snapshot_name(cls, **where: Any) -> str:
        """The name of a file, without its extension."""
        return super().get_snapshot_name(**where) + cls.mark

    def serialize(self, data: Any, **_: Any) -> str:
        """The text of a value; syrupy's matchers and filters do not apply.

        Raises:
            TypeError: Nothing says whose secrets to mask.
        """
        held = self.masking.instance if isinstance(self.masking, TestIntegration) else self.masking
        if held is None:
            raise TypeError("say whose secrets to mask: snapshot.use_extension(RequestSnapshotExtension.of(instance))")
        return review_text(data, held if isinstance(held, Redactor) else held.redactor) + "\n"
