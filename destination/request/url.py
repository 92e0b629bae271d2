r"""URLs as the reference sends them: `new URL(text)` and then Node's own `url.format(url.parse(…))`.

Ada, the parser of Node, reads them by the URL Standard (https://url.spec.whatwg.org/#url-parsing). node-fetch then runs
Node 20's older parser over the result. This module does what that one adds: it escapes `'`, `\`, `^`, `|` and braces.
"""

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from destination.errors import EngineTypeError
from destination.records import dataclass
from destination.values.text import to_well_formed

if TYPE_CHECKING:
    import ada_url

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):", re.ASCII)
_SCHEMES = frozenset({"http", "https"})
_CONTROL_OR_SPACE = "".join(map(chr, range(0x21)))
_TAB_OR_NEWLINE = re.compile(r"[\t\n\r]")
_AUTHORITY = re.compile(r"\A((?:[a-zA-Z][a-zA-Z0-9+.-]*:)?[/\\]{2,}(?:[^/\\?#]*@)?)([^/\\?#]*)", re.ASCII)
_CAPITAL_SHARP_S = re.compile("ẞ|(?i:%E1%BA%9E)")
_PARTS = re.compile(
    r"(https?)://(?:([^/@]*)@)?(\[[^\]]*\]|[^/:]*)(?::([0-9]+))?(/[^?#]*)(\?[^#]*)?(#.*)?", re.ASCII | re.DOTALL
)
_ESCAPED = re.compile(r"[^!#$%&()*+,\-./0-9:;=?@A-Z\[\]_a-z~]+")
_MALFORMED_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2})")
_CREDENTIALS_SAFE = "!'()*-._~:"
_LONGEST_HOST = 255


@dataclass(frozen=True, slots=True)
class Url:
    """A URL for http or https in its normal form.

    Attributes:
        scheme: `http` or `https`.
        credentials: `user:password` in plain text, or `""`.
        host: The host name in punycode, or a normalised address; IPv6 in brackets.
        port: The port; None if it is the scheme's default.
        path: The path, which begins with `/`.
        query: The query with its `?`, or `""`.
        fragment: The fragment with its `#`, or `""`; it is never sent.

    Example:
        >>> url = parse_url("https://me:secret@h.test:8443/v1?key=k")
        >>> url.host, url.port, url.target, url.origin
        ('h.test', 8443, '/v1?key=k', 'https://h.test:8443')
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
        """Path and query, as in the request line."""
        return self.path + self.query

    @property
    def public(self) -> str:
        """The URL for messages, without credentials and with the query hidden."""
        return f"{self.origin}{self.path}{'?…' if len(self.query) > 1 else ''}"

    def __str__(self) -> str:
        credentials = f"{quote(self.credentials, safe=_CREDENTIALS_SAFE)}@" if self.credentials else ""
        port = "" if self.port is None else f":{self.port}"
        return f"{self.scheme}://{credentials}{self.host}{port}{self.path}{self.query}{self.fragment}"


@lru_cache(maxsize=1024)
def parse_url(text: str) -> Url:
    """Reads an absolute http or https URL.

    Raises:
        EngineTypeError: The text is not a URL, is relative, or has another scheme.

    Example:
        >>> str(parse_url("HTTP://EXAMPLE.com:80/v1//context/ü?a b"))
        'http://example.com/v1//context/%C3%BC?a%20b'
    """
    text = to_well_formed(text)
    scheme = _SCHEME.match(text)
    if scheme is None:
        # Segment: Node's older parser reads such a text first, and trims more (test_byte_order_mark_is_trimmed)
        text = _clean(text.strip(_CONTROL_OR_SPACE + "\u00a0\ufeff"))
        scheme = _SCHEME.match(text)
    if scheme is None:
        raise EngineTypeError("Only absolute URLs are supported: this one has no `https://` in front")
    name = scheme[1].lower()
    if name not in _SCHEMES:
        raise EngineTypeError(f"Only HTTP(S) protocols are supported, not `{name}:`")
    return _read(text)


@lru_cache(maxsize=1024)
def normalise_url(text: str) -> str:
    """Returns the URL in the form that a request has; see `parse_url`.

    Segment: a URL of another scheme is refused only when it is sent. Until then, the characters that are not allowed
    in a URL are escaped (test_url_of_another_scheme_is_refused_when_sent).

    Raises:
        EngineTypeError: It is an http or https URL that cannot be read.

    Example:
        >>> normalise_url("HTTPS://h/a b"), normalise_url("FTP://x.y/a b")
        ('https://h/a%20b', 'ftp://x.y/a%20b')
    """
    cleaned = _clean(text)
    scheme = _SCHEME.match(cleaned)
    if scheme is not None and scheme[1].lower() not in _SCHEMES:
        return scheme[0].lower() + _ESCAPED.sub(_escape, cleaned[scheme.end() :])
    return str(parse_url(text))


def resolve_url(base: Url, text: str) -> Url:
    """Reads a URL that may be relative to another, as a redirect's `Location` is.

    Raises:
        EngineTypeError: It is not a URL, or leads to another scheme than http and https.

    Example:
        >>> str(resolve_url(parse_url("https://h/a/b?c"), "../d"))
        'https://h/d'
    """
    return _read(_clean(text), base)


def with_query(url: Url, query: str) -> Url:
    """Returns the URL with another query, given without `?`; `""` removes the query."""
    return replace(url, query=f"?{query}" if query else "")


def public_url(text: str) -> str:
    """Returns any text that should be a URL for messages, without credentials and query.

    Example:
        >>> public_url("https://me:secret@h/v1?token=secret"), public_url("nonsense")
        ('https://h/v1?…', '<not a URL>')
    """
    try:
        return parse_url(text).public
    except EngineTypeError:
        return "<not a URL>"


# --- reading ---------------------------------------------------------------------------------------------


def _clean(text: str) -> str:
    return _TAB_OR_NEWLINE.sub("", to_well_formed(text).strip(_CONTROL_OR_SPACE))


def _read(text: str, base: Url | None = None) -> Url:
    """Reads a URL with Ada, the parser of Node, and changes the result as Node's older parser does."""
    # Segment: Node 20 still reads the capital ẞ as ss (test_capital_sharp_s_is_ss)
    if not text.isascii() or "%E1" in text or "%e1" in text:
        text = _AUTHORITY.sub(_without_capital_sharp_s, text, count=1)
    try:
        href = _ada()(text, None if base is None else str(base)).href
    except ValueError:
        raise EngineTypeError("Invalid URL: its host or port cannot be read") from None
    parts = _PARTS.fullmatch(_ESCAPED.sub(_escape, href))
    if parts is None:
        raise EngineTypeError("Invalid URL: it is not an http or https URL")
    scheme, credentials, host, port, path, query, fragment = parts.groups("")
    # A host has an escape only for one of `_ESCAPED`: a quote, a semicolon, a backtick or a brace. Node would cut the
    # host there and send the request, with its secrets, to the first half.
    if "%" in host or ";" in host or len(host) > _LONGEST_HOST:
        raise EngineTypeError("Invalid URL: its host cannot be read")
    return Url(
        scheme, credentials and _credentials(credentials), host, int(port) if port else None, path, query, fragment
    )


@lru_cache(maxsize=1)
def _ada() -> "type[ada_url.URL]":
    from ada_url import URL  # loads a compiled library

    return URL


def _without_capital_sharp_s(authority: re.Match[str]) -> str:
    return authority[1] + _CAPITAL_SHARP_S.sub("ss", authority[2])


def _credentials(text: str) -> str:
    """Decodes user and password as Node's older parser does; it stops at a broken escape."""
    user, _, password = text.partition(":")
    if _MALFORMED_ESCAPE.search(text):
        raise EngineTypeError("Invalid URL: a broken percent escape in its credentials")
    try:
        user, password = unquote(user, errors="strict"), unquote(password, errors="strict")
    except UnicodeDecodeError:
        raise EngineTypeError("Invalid URL: a broken percent escape in its credentials") from None
    return f"{user}:{password}" if password else user


def _escape(run: re.Match[str]) -> str:
    return quote(run[0], safe="")
