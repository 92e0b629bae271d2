"""The formats that a field may ask for: those of ajv-formats 2.1.1 in full mode, and Segment's two.

Every check is made of expressions that never go back over text they have passed, so that its time grows
with the length of the text and nothing else.
"""

from destination.fields.formats.registry import ANY_TEXT, FORMATS, NumberFormat, TextFormat

__all__ = ["ANY_TEXT", "FORMATS", "NumberFormat", "TextFormat"]
