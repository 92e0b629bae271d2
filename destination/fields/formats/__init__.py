"""The formats of fields: those of ajv-formats 2.1.1 in full mode, and two of Segment.

The regular expressions never backtrack over a long text, so the time of a check is linear in the length of the text.
"""

from destination.fields.formats.registry import ANY_TEXT, FORMATS, NumberFormat, TextFormat

__all__ = ["ANY_TEXT", "FORMATS", "NumberFormat", "TextFormat"]
