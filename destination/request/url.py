r"""URLs as the reference sends them: `new URL(text)` and then Node's own `url.format(url.parse(…))`.

Source: the URL Standard (https://url.spec.whatwg.org/#url-parsing) for http and https, and what Node 20's
older parser, which node-fetch runs over its result, escapes beyond it (`'`, `\`, `^`, `|`, braces).
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import quote, unquote

from destination.errors import EngineTypeError
from destination.values.text import to_well_formed

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):", re.ASCII)
_CONTROL_OR_SPACE = "".join(map(chr, range(0x21)))
_TAB_OR_NEWLINE = re.compile(r"[\t\n\r]")
_SLASHES = re.compile(r"[/\\]*")
_AUTHORITY = re.compile(r"[^/\\?#]*")
_HOST_PORT = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::([0-9]*))?", re.ASCII)
_SEPARATOR = re.compile(r"[/\\]")
_DOT = re.compile(r"(?:\.|%2e)", re.IGNORECASE)
_DOTS = re.compile(r"(?:\.|%2e){2}", re.IGNORECASE)
_MALFORMED_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2})")

_PATH_ESCAPED = re.compile(r"[^!$%&()*+,\-./0-9:;=@A-Z\[\]_a-z~]+")
_QUERY_ESCAPED = re.compile(r"[^!$%&()*+,\-./0-9:;=?@A-Z\[\]_a-z~]+")
_FRAGMENT_ESCAPED = re.compile(r"[^!#$%&()*+,\-./0-9:;=?@A-Z\[\]_a-z~]+")
_CREDENTIALS_SAFE = "!'()*-._~:"
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Url:
    """A URL for http or https in its normal form.

    Attributes:
        scheme: `http` or `https`.
        credentials: `user:password` in plain text, or `""`.
        host: In punycode or as a normal address; IPv6 in brackets.
        port: None where it is the scheme's own.
        path: Begins with `/`.
        query: With its `?`, or `""`.
        fragment: With its `#`, or `""`; never sent.
    """

    scheme: str
    credentials: str
    host: str
    port: int | None
    path: str
    query: str
    fragment: str

    @property
    def origin(self) -> str:
        """Scheme, host and port: `https://example.com`."""
        return f"{self.scheme}://{self.host}{'' if self.port is None else f':{self.port}'}"

    @property
    def target(self) -> str:
        """What stands in the request line: path and query."""
        return self.path + self.query

    @property
    def public(self) -> str:
        """The URL for messages: without credentials, and with the values of a query hidden."""
        return f"{self.origin}{self.path}{'?…' if len(self.query) > 1 else ''}"

    def __str__(self) -> str:
        credentials = f"{quote(self.credentials, safe=_CREDENTIALS_SAFE)}@" if self.credentials else ""
        port = "" if self.port is None else f":{self.port}"
        return f"{self.scheme}://{credentials}{self.host}{port}{self.path}{self.query}{self.fragment}"


@lru_cache(maxsize=1024)
def parse_url(text: str) -> Url:
    """Reads an absolute http or https URL.

    Raises:
        EngineTypeError: The text is no URL, is relative, or has another scheme.

    Example:
        >>> str(parse_url("HTTP://EXAMPLE.com:80/v1//context/ü?a b"))
        'http://example.com/v1//context/%C3%BC?a%20b'
    """
    if not _SCHEME.match(text):
        # Segment: Node's older parser reads such a text first, and trims more (test_byte_order_mark_is_trimmed)
        text = text.strip(_CONTROL_OR_SPACE + "\u00a0\ufeff")
    text = _clean(text)
    scheme = _SCHEME.match(text)
    if scheme is None:
        raise EngineTypeError("Only absolute URLs are supported: this one has no `https://` in front")
    name = scheme[1].lower()
    if name not in _DEFAULT_PORTS:
        raise EngineTypeError(f"Only HTTP(S) protocols are supported, not `{name}:`")
    return _absolute(name, text[scheme.end() :])


@lru_cache(maxsize=1024)
def normalise_url(text: str) -> str:
    """The URL as the request shows it; see `parse_url`.

    Segment: what is no http or https URL is refused when it is sent, not before; until then it is shown with
    what no URL may hold escaped (test_url_of_another_scheme_is_refused_when_sent).

    Raises:
        EngineTypeError: It is an http or https URL that cannot be read.

    Example:
        >>> normalise_url("HTTPS://h/a b"), normalise_url("FTP://x.y/a b")
        ('https://h/a%20b', 'ftp://x.y/a%20b')
    """
    cleaned = _clean(text)
    scheme = _SCHEME.match(cleaned)
    if scheme is not None and scheme[1].lower() not in _DEFAULT_PORTS:
        return scheme[0].lower() + _FRAGMENT_ESCAPED.sub(_escape, cleaned[scheme.end() :])
    return str(parse_url(text))


def resolve_url(base: Url, text: str) -> Url:
    """Reads a URL that may be relative to another, as a redirect's `Location` is.

    Raises:
        EngineTypeError: It is no URL, or leads to another scheme than http and https.

    Example:
        >>> str(resolve_url(parse_url("https://h/a/b?c"), "../d"))
        'https://h/d'
    """
    text = _clean(text)
    scheme = _SCHEME.match(text)
    if scheme is not None:
        rest = text[scheme.end() :]
        if scheme[1].lower() != base.scheme or rest.startswith("//"):
            return parse_url(text)
        text = rest
    if text[:1] in ("/", "\\") and text[1:2] in ("/", "\\"):
        return _absolute(base.scheme, text)
    path, query, fragment = _split(text)
    if path[:1] in ("/", "\\"):
        return replace(base, path=_path(path), query=query, fragment=fragment)
    if path:
        folder = base.path[: base.path.rindex("/") + 1]
        return replace(base, path=_path(folder + path), query=query, fragment=fragment)
    return replace(base, query=query or base.query, fragment=fragment)


def with_query(url: Url, query: str) -> Url:
    """The URL with another query, given without `?`; `""` takes the query away."""
    return replace(url, query=f"?{query}" if query else "")


def public_url(text: str) -> str:
    """A URL for messages, whatever it is: credentials and query hidden.

    Example:
        >>> public_url("https://me:secret@h/v1?token=secret"), public_url("nonsense")
        ('https://h/v1?…', '<not a URL>')
    """
    try:
        return parse_url(text).public
    except EngineTypeError:
        return "<not a URL>"


# --- parts -----------------------------------------------------------------------------------------------


def _clean(text: str) -> str:
    return _TAB_OR_NEWLINE.sub("", to_well_formed(text).strip(_CONTROL_OR_SPACE))


def _absolute(scheme: str, rest: str) -> Url:
    rest = rest[_SLASHES.match(rest).end() :]  # type: ignore[union-attr]  # the pattern matches everywhere
    authority = _AUTHORITY.match(rest)[0]  # type: ignore[index]
    credentials, _, host_port = authority.rpartition("@")
    host, port = _host_port(scheme, host_port)
    path, query, fragment = _split(rest[len(authority) :])
    return Url(scheme, _credentials(credentials), host, port, _path(path), query, fragment)


def _host_port(scheme: str, text: str) -> tuple[str, int | None]:
    match = _HOST_PORT.fullmatch(text)
    if match is None:
        raise EngineTypeError("Invalid URL: its host or port cannot be read")
    digits = (match[2] or "").lstrip("0")
    port = int(digits or "0") if len(digits) <= 5 else 65536
    if port > 65535:
        raise EngineTypeError("Invalid URL: its port is beyond 65535")
    try:
        host = _host(match[1])
    except _InvalidHostError:
        raise EngineTypeError("Invalid URL: its host cannot be read") from None
    return host, None if not match[2] or port == _DEFAULT_PORTS[scheme] else port


def _credentials(text: str) -> str:
    """User and password, decoded as Node's older parser does; it stops at a broken escape."""
    if not text:
        return ""
    user, _, password = text.partition(":")
    if _MALFORMED_ESCAPE.search(text):
        raise EngineTypeError("Invalid URL: a broken percent escape in its credentials")
    try:
        user, password = unquote(user, errors="strict"), unquote(password, errors="strict")
    except UnicodeDecodeError:
        raise EngineTypeError("Invalid URL: a broken percent escape in its credentials") from None
    return f"{user}:{password}" if password else user


def _split(text: str) -> tuple[str, str, str]:
    """Path (as it is), query and fragment (escaped) of what follows the authority."""
    text, hash_sign, fragment = text.partition("#")
    path, question_mark, query = text.partition("?")
    return (
        path,
        question_mark + _QUERY_ESCAPED.sub(_escape, query),
        hash_sign + _FRAGMENT_ESCAPED.sub(_escape, fragment),
    )


def _path(text: str) -> str:
    """The path with `.` and `..` taken out; empty segments stay."""
    segments = _SEPARATOR.split(text)[1:]  # it begins with a separator, or is empty
    kept: list[str] = []
    for segment in segments:
        if _DOTS.fullmatch(segment):
            if kept:
                kept.pop()
        elif not _DOT.fullmatch(segment):
            kept.append(_PATH_ESCAPED.sub(_escape, segment))
    last = segments[-1] if segments else ""
    if _DOTS.fullmatch(last) or _DOT.fullmatch(last):
        kept.append("")
    return f"/{'/'.join(kept)}"


def _escape(run: re.Match[str]) -> str:
    return quote(run[0], safe="")


# --- host ------------------------------------------------------------------------------------------------

# Names without punycode whose last label does not begin with a digit, so that it is no number.
_PLAIN_HOST = re.compile(r"(?!xn--|.*\.xn--)(?:[a-z0-9_-]+\.)*[a-z_-][a-z0-9_-]*\.?", re.IGNORECASE | re.ASCII)
_FORBIDDEN_IN_HOST = re.compile(r"[\x00-\x20\"#%'/:;<>?@\[\\\]^`{|}\x7f]")
_IPV4_PART = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+", re.ASCII)
_LONGEST_HOST = 255


class _InvalidHostError(ValueError):
    """A text that names no host."""


def _host(text: str) -> str:
    """Returns a host as `new URL(…)` writes it: in lower case, in punycode, an address in its normal form.

    Source: https://url.spec.whatwg.org/#host-parsing for http and https. An IPv6 address keeps its brackets.
    The quotes, braces, backtick and semicolon that the URL Standard lets through are refused: the reference
    would cut the host there and send the request, with its secrets, to the first half.

    Raises:
        _InvalidHostError: The text is empty, too long, or names no host.

    Example:
        >>> [_host(text) for text in ("EXAMPLE.com", "münchen.de", "0x7f.1", "[::0:1]")]
        ['example.com', 'xn--mnchen-3ya.de', '127.0.0.1', '[::1]']
    """
    if len(text) <= _LONGEST_HOST and _PLAIN_HOST.fullmatch(text):
        return text.lower()
    if text.startswith("["):
        return _ipv6(text)
    domain = _to_ascii(unquote(text))
    if not domain or len(domain) > _LONGEST_HOST or _FORBIDDEN_IN_HOST.search(domain):
        raise _InvalidHostError
    return _ipv4(domain) if _ends_in_number(domain) else domain


# --- host: names -----------------------------------------------------------------------------------------


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
        raise _InvalidHostError from error
    return ".".join(label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}" for label in shown)


def _shown(label: str) -> str:
    """The label in Unicode, when it is valid (https://www.unicode.org/reports/tr46/#Validity_Criteria)."""
    import idna

    if label.startswith("xn--"):
        decoded = label[4:].encode("ascii").decode("punycode")
        if decoded.isascii() or idna.uts46_remap(decoded, std3_rules=False) != decoded:
            raise _InvalidHostError
        label = decoded
    if label and unicodedata.category(label[0]).startswith("M"):
        raise _InvalidHostError
    for position, character in enumerate(label):
        if character in "\u200c\u200d" and not idna.valid_contextj(label, position):
            raise _InvalidHostError
    if label:
        idna.check_bidi(label)  # label by label; Node 20 overlooks some labels that break the rule
    return label


# --- host: addresses -------------------------------------------------------------------------------------


def _ends_in_number(domain: str) -> bool:
    labels = domain.split(".")
    if not labels[-1] and len(labels) > 1:
        labels.pop()
    return bool(_IPV4_PART.fullmatch(labels[-1]))


def _ipv4(domain: str) -> str:
    parts = domain.removesuffix(".").split(".")
    if len(parts) > 4:
        raise _InvalidHostError
    numbers = [_ipv4_number(part) for part in parts]
    if any(number > 255 for number in numbers[:-1]) or numbers[-1] >= 256 ** (5 - len(numbers)):
        raise _InvalidHostError
    address = numbers[-1] + sum(number * 256 ** (3 - index) for index, number in enumerate(numbers[:-1]))
    return ".".join(str(address >> shift & 255) for shift in (24, 16, 8, 0))


def _ipv4_number(part: str) -> int:
    if not _IPV4_PART.fullmatch(part):
        raise _InvalidHostError
    if part[:2] in ("0x", "0X"):
        return int(part[2:] or "0", 16)
    if len(part) > 1 and part[0] == "0":
        if part.strip("01234567"):
            raise _InvalidHostError
        return int(part, 8)
    return int(part)


def _ipv6(text: str) -> str:
    import ipaddress

    if not text.endswith("]") or "%" in text:
        raise _InvalidHostError
    try:
        address = int(ipaddress.IPv6Address(text[1:-1]))
    except ValueError as error:
        raise _InvalidHostError from error
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
