"""The formats of addresses: hosts, e-mail addresses, URIs and URLs."""

import re
from functools import cache

from destination.values import WHITESPACE

_FLAGS = re.ASCII | re.IGNORECASE  # without the `u` flag JavaScript folds no letter beyond ASCII

# --- hosts -----------------------------------------------------------------------------------------------

_BYTE = r"(?:25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)"
_IPV4 = rf"(?:{_BYTE}\.){{3}}{_BYTE}"
_ipv4 = re.compile(_IPV4)


def is_ipv4(text: str) -> bool:
    """Tests for four numbers up to 255 with dots between them; leading zeros are allowed.

    Example:
        >>> is_ipv4("127.0.0.1"), is_ipv4("256.0.0.1")
        (True, False)
    """
    return _ipv4.fullmatch(text) is not None


_IPV6_BYTE = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_ipv6_ipv4 = re.compile(rf"{_IPV6_BYTE}(?:\.{_IPV6_BYTE}){{3}}")
_group = re.compile(r"[0-9a-f]{1,4}", _FLAGS)
_GROUPS = 8
_LONGEST_IPV6 = 45


def is_ipv6(text: str) -> bool:
    """Tests for eight groups of hexadecimal digits; `::` may replace some, and an IPv4 address the last two.

    Example:
        >>> [is_ipv6(text) for text in ("::1", "1::2:127.0.0.1", "1:2:3:4:5:6:7:8", "1::2::3", "1:2")]
        [True, True, True, False, False]
    """
    if len(text) > _LONGEST_IPV6:
        return False
    left, gap, right = text.partition("::")
    head = left.split(":") if left else []
    tail = right.split(":") if right else []
    width = len(head) + len(tail)
    groups = head + tail
    if groups and (tail or not gap) and _ipv6_ipv4.fullmatch(groups[-1]):
        groups.pop()
        width += 1
    return all(map(_group.fullmatch, groups)) and (width < _GROUPS if gap else width == _GROUPS)


_HOSTNAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[-0-9a-z]{0,61}[0-9a-z])?)*+\.?", _FLAGS)
_LONGEST_HOSTNAME = 253


def is_hostname(text: str) -> bool:
    """Tests for labels of up to 63 letters, digits and inner hyphens, with dots between; maximum 253 characters.

    Example:
        >>> is_hostname("api.example.com."), is_hostname("a_b"), is_hostname("-a")
        (True, False, False)
    """
    length = len(text) - text.endswith(".")
    return length <= _LONGEST_HOSTNAME and _HOSTNAME.fullmatch(text) is not None


_LABEL = r"[a-z0-9]++(?:-++[a-z0-9]++)*+"
_LOCAL = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]++"
_EMAIL = re.compile(rf"{_LOCAL}(?:\.{_LOCAL})*+@{_LABEL}(?:\.{_LABEL})++", _FLAGS)


def is_email(text: str) -> bool:
    """Tests for an e-mail address without quotes, with a dot in its domain.

    Example:
        >>> is_email("jane.doe+x@example.com"), is_email("jane@localhost"), is_email("a..b@example.com")
        (True, False, False)
    """
    return _EMAIL.fullmatch(text) is not None


# --- URIs (RFC 3986) -------------------------------------------------------------------------------------

_HEX = r"%[0-9a-f]{2}"
_G = r"[0-9a-f]{1,4}"
_LAST_32_BITS = rf"(?:{_G}:{_G}|{_IPV4})"
_IP_LITERAL = "|".join(
    (
        rf"(?:{_G}:){{6}}{_LAST_32_BITS}",
        rf"::(?:{_G}:){{5}}{_LAST_32_BITS}",
        rf"(?:{_G})?::(?:{_G}:){{4}}{_LAST_32_BITS}",
        rf"(?:(?:{_G}:){{0,1}}{_G})?::(?:{_G}:){{3}}{_LAST_32_BITS}",
        rf"(?:(?:{_G}:){{0,2}}{_G})?::(?:{_G}:){{2}}{_LAST_32_BITS}",
        rf"(?:(?:{_G}:){{0,3}}{_G})?::{_G}:{_LAST_32_BITS}",
        rf"(?:(?:{_G}:){{0,4}}{_G})?::{_LAST_32_BITS}",
        rf"(?:(?:{_G}:){{0,5}}{_G})?::{_G}",
        rf"(?:(?:{_G}:){{0,6}}{_G})?::",
        r"v[0-9a-f]++\.[a-z0-9\-._~!$&'()*+,;=:]++",
    )
)


# Compiling the expressions for URIs and web hosts takes 5 to 15 ms each, and most processes check none.
@cache
def _uri(mark: str, *, relative: bool) -> re.Pattern[str]:
    """Makes the expression for a URI; `mark` is one more character that names, paths and queries may contain.

    A registered name also matches every IPv4 address, so there is no branch for those.
    """
    user = rf"(?:[a-z0-9\-._~!$&'()*+,;=:]|{_HEX})*+"
    name = rf"(?:[a-z0-9\-._~!$&'{mark}()*+,;=]|{_HEX})*+"
    one = rf"(?:[a-z0-9\-._~!$&'{mark}()*+,;=:@]|{_HEX})"
    path = rf"(?:/{one}*+)*+"
    rest = rf"(?:[a-z0-9\-._~!$&'{mark}()*+,;=:@/?]|{_HEX})*+"
    authority = rf"(?:{user}@)?(?:\[(?:{_IP_LITERAL})\]|{name})(?::[0-9]*+)?"
    where = rf"(?://?{authority}{path}|/(?:{one}++{path})?|{one}++{path})"
    scheme = r"(?:[a-z][a-z0-9+\-.]*+:)"
    optional = "?" if relative else ""
    return re.compile(rf"{scheme}{optional}{where}{optional}(?:\?{rest})?(?:\#{rest})?", _FLAGS)


def is_uri(text: str) -> bool:
    """Tests for a URI with a scheme.

    Example:
        >>> is_uri("https://example.com/a?b#c"), is_uri("mailto:jane"), is_uri("/a")
        (True, True, False)
    """
    return _uri("", relative=False).fullmatch(text) is not None


def is_uri_reference(text: str) -> bool:
    """Tests for a URI or a relative reference: `/path`, `#part`, the empty text.

    Example:
        >>> is_uri_reference("/a#b"), is_uri_reference(""), is_uri_reference("a b")
        (True, True, False)
    """
    return _uri('"', relative=True).fullmatch(text) is not None


# --- web addresses ---------------------------------------------------------------------------------------

_SCHEME = re.compile(r"(?:https?|ftp)://", re.IGNORECASE)
_X = "[A-Za-z0-9\u00a1-\uffff]"
_WEB_LABEL = rf"{_X}++(?:-{_X}++)*+"
_PUBLIC_IPV4 = (
    r"(?!(?:10|127)(?:\.[0-9]{1,3}){3})(?!(?:169\.254|192\.168)(?:\.[0-9]{1,3}){2})"
    r"(?!172\.(?:1[6-9]|2[0-9]|3[0-1])(?:\.[0-9]{1,3}){2})"
    r"(?:[1-9][0-9]?|1[0-9][0-9]|2[01][0-9]|22[0-3])(?:\.(?:1?[0-9]{1,2}|2[0-4][0-9]|25[0-5])){2}"
    r"\.(?:[1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-4])"
)
_SPACE = re.compile(f"[{WHITESPACE}]")


@cache
def _web_host() -> re.Pattern[str]:
    return re.compile(rf"(?:{_PUBLIC_IPV4}|(?:{_WEB_LABEL}\.)++(?P<top>{_WEB_LABEL}))(?::[0-9]{{2,5}})?(?=/|\Z)")


@cache
def _top() -> re.Pattern[str]:
    return re.compile("[A-Za-z\u00a1-\uffff]{2,}")


def is_url(text: str) -> bool:
    """Tests for a web or FTP address with a public host.

    The user part may contain anything but white space, even `@`, so it may end at each `@`.

    Example:
        >>> is_url("http://example.com/@x"), is_url("http://a@b@example.com"), is_url("http://10.0.0.1")
        (True, True, False)
    """
    scheme = _SCHEME.match(text)
    if scheme is None:
        return False
    first = start = scheme.end()
    space = _SPACE.search(text, first)
    user_limit = space.start() if space else len(text)
    last_space = max(map(text.rfind, WHITESPACE))
    while True:
        host = _web_host().match(text, start)
        if host and last_space < host.end() and (host["top"] is None or _top().fullmatch(host["top"])):
            return True
        # The user part has at least one character.
        start = text.find("@", max(start, first + 1), user_limit) + 1
        if not start:
            return False
