"""The classes of characters that the readers go by, as parts of regular expressions."""

import re
from typing import Final

_WIDE_BLANKS: Final = "\u00a0\u1680\u180e" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"

BLANKS: Final = "\t\n\v\f\r " + _WIDE_BLANKS
"""What separates; U+180E belongs to it and U+FEFF does not, unlike JavaScript's white space."""

WORD: Final = rf"[^\x00-,./:->@\[-^`{{-\x7f{_WIDE_BLANKS}\u201c\u201d]"
"""What names are made of: letters, digits, `_`, `-`, `?` and nearly everything beyond ASCII."""

BLANK_RUN: Final = re.compile(rf"[{BLANKS}]+")
WORD_RUN: Final = re.compile(rf"{WORD}+")
