"""Compares requests, plans and traces with syrupy's snapshots, one text file for each."""

from typing import Any, TypeAlias

from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from destination.runtime import Instance, Redactor
from destination.testing.integration import TestIntegration
from destination.testing.text import review_text

Masking: TypeAlias = Instance[Any] | TestIntegration[Any] | Redactor
"""An object that knows the secrets to mask; a test integration knows those of its last call."""


class RequestSnapshotExtension(SingleFileSnapshotExtension):
    """A syrupy extension that writes the text of `destination.testing.review_text`, one file for each assertion.

    It must know the secrets to mask: use it as `snapshot.use_extension(RequestSnapshotExtension.of(instance))`, or
    use the fixture `snapshot_requests`.

    Attributes:
        masking: The object that knows the secrets.
        mark: The end of the files' names, which differ if one test uses several of these extensions.

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
        """Returns an extension that masks the secrets of an instance or a test integration."""
        return type(cls.__name__, (cls,), {"masking": masking, "mark": mark})

    @classmethod
    def get_snapshot_name(cls, **where: Any) -> str:
        """Returns the name of a file, without its extension."""
        return super().get_snapshot_name(**where) + cls.mark

    def serialize(self, data: Any, **_: Any) -> str:
        """Returns the text of a value; syrupy's matchers and filters do not apply.

        Raises:
            TypeError: The extension does not know whose secrets to mask.
        """
        held = self.masking.instance if isinstance(self.masking, TestIntegration) else self.masking
        if held is None:
            raise TypeError("say whose secrets to mask: snapshot.use_extension(RequestSnapshotExtension.of(instance))")
        return review_text(data, held if isinstance(held, Redactor) else held.redactor) + "\n"
