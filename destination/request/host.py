"""The host of a URL, as `new URL(…)` writes it: lower case, punycode, IPv4 and IPv6 in their normal forms.

Source: the URL Standard's host parser (https://url.spec.whatwg.org/#host-parsing) for http and https.
"""

import re
import unicodedata
from urllib.parse import unquote

# Names without punycode whose last label does not begin with a digit, so that it is no number.
_PLAIN = re.compile(r"(?!xn--|.*\.xn--)(?:[a-z0-9_-]+\.)*[a-z_-][a-z0-9_-]*\.?", re.IGNORECASE | re.ASCII)
_FORBIDDEN = re.compile(r"[\x00-\x20\"#%'/:;<>?@\[\\\]^`{|}\x7f]")
_IPV4_PART = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+", re.ASCII)
_MAX_LENGTH = 255


class InvalidHostError(ValueError):
    """A text that names no host."""


def parse_host(text: str) -> str:
    """The host in its normal form; an IPv6 address keeps its brackets.

    The quotes, braces, backtick and semicolon that the URL Standard lets through are refused: the reference
    would cut the host there and send the request, with its secrets, to the first half.

    Raises:
        InvalidHostError: The text is empty, too long, or names no host.

    Example:
        >>> [parse_host(text) for text in ("EXAMPLE.com", "münchen.de", "0x7f.1", "[::0:1]")]
        ['example.com', 'xn--mnchen-3ya.de', '127.0.0.1', '[::1]']
    """
    if len(text) <= _MAX_LENGTH and _PLAIN.fullmatch(text):
        return text.lower()
    if text.startswith("["):
        return _ipv6(text)
    domain = _to_ascii(unquote(text))
    if not domain or len(domain) > _MAX_LENGTH or _FORBIDDEN.search(domain):
        raise InvalidHostError
    return _ipv4(domain) if _ends_in_number(domain) else domain


# --- names -----------------------------------------------------------------------------------------------


def _to_ascii(domain: str) -> str:
    # Segment: Node 20 still reads the capital ẞ as ss (test_capital_sharp_s_is_ss)
    domain = domain.replace("ẞ", "ss")
    if domain.isascii():
        domain = domain.lower()
        if not (domain.startswith("xn--") or ".xn--" in domain):
            return domain
    import idna  # comes with httpx; its tables are large, and few hosts need them

    try:
        shown = [_shown(label) for label in idna.uts46_remap(domain, std3_rules=False).split(".")]
    except (idna.IDNAError, ValueError) as error:
        raise InvalidHostError from error
    return ".".join(label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}" for label in shown)


def _shown(label: str) -> str:
    """The label in Unicode, when it is valid (https://www.unicode.org/reports/tr46/#Validity_Criteria)."""
    import idna

    if label.startswith("xn--"):
        decoded = label[4:].encode("ascii").decode("punycode")
        if decoded.isascii() or idna.uts46_remap(decoded, std3_rules=False) != decoded:
            raise InvalidHostError
        label = decoded
    if label and unicodedata.category(label[0]).startswith("M"):
        raise InvalidHostError
    for position, character in enumerate(label):
        if character in "\u200c\u200d" and not idna.valid_contextj(label, position):
            raise InvalidHostError
    if label:
        idna.check_bidi(label)  # label by label; Node 20 overlooks some labels that break the rule
    return label


# --- numbers ---------------------------------------------------------------------------------------------


def _ends_in_number(domain: str) -> bool:
    labels = domain.split(".")
    if not labels[-1] and len(labels) > 1:
        labels.pop()
    return bool(_IPV4_PART.fullmatch(labels[-1]))


def _ipv4(domain: str) -> str:
    parts = domain.removesuffix(".").split(".")
    if len(parts) > 4:
        raise InvalidHostError
    numbers = [_ipv4_number(part) for part in parts]
    if any(number > 255 for number in numbers[:-1]) or numbers[-1] >= 256 ** (5 - len(numbers)):
        raise InvalidHostError
    address = numbers[-1] + sum(number * 256 ** (3 - index) for index, number in enumerate(numbers[:-1]))
    return ".".join(str(address >> shift & 255) for shift in (24, 16, 8, 0))


def _ipv4_number(part: str) -> int:
    if not _IPV4_PART.fullmatch(part):
        raise InvalidHostError
    if part[:2] in ("0x", "0X"):
        return int(part[2:] or "0", 16)
    if len(part) > 1 and part[0] == "0":
        if part.strip("01234567"):
            raise InvalidHostError
        return int(part, 8)
    return int(part)


def _ipv6(text: str) -> str:
    import ipaddress

    if not text.endswith("]") or "%" in text:
        raise InvalidHostError
    try:
        address = int(ipaddress.IPv6Address(text[1:-1]))
    except ValueError as error:
        raise InvalidHostError from error
    pieces = [f"{address >> shift & 0xFFFF:x}" for shift in range(112, -1, -16)]
    return f"[{_compress(pieces)}]"


def _compress(pieces: list[str]) -> str:
    """Writes the first of the longest runs of two or more zeros as `::`."""
    zeros = "".join("0" if piece == "0" else "x" for piece in pieces)
    run = max(re.findall("00+", zeros), key=len, default="")
    if not run:
        return ":".join(pieces)
    start = zeros.index(run)
    return f"{':'.join(pieces[:start])}::{':'.join(pieces[start + len(run) :])}"
