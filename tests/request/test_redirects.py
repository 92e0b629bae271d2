import pytest

from destination.availability import is_retryable, is_unavailable
from destination.errors import RedirectError, RedirectRefusedError
from destination.request import Headers, Request, Response
from destination.request.wire import redirect

SECRETS = Headers({"authorization": "a", "cookie": "c", "x-api-key": "k", "x-agent": "segment"})


def to(
    location: str,
    status: int = 302,
    method: str = "PUT",
    body: bytes | None = b"x",
    url: str = "https://h.example/a/b?c",
) -> Request:
    request = Request(method, url, SECRETS, body, 5)
    redirected = redirect(request, Response(status, headers={"location": location}))
    assert redirected is not None
    return redirected


@pytest.mark.parametrize(
    ("method", "status", "becomes"),
    [
        ("POST", 301, "GET"),
        ("POST", 302, "GET"),
        ("POST", 303, "GET"),
        ("POST", 307, "POST"),
        ("POST", 308, "POST"),
        ("PUT", 301, "PUT"),
        ("PUT", 302, "PUT"),
        ("PUT", 303, "GET"),
        ("DELETE", 302, "DELETE"),
        ("HEAD", 303, "GET"),
    ],
)
def test_method_and_body_after_a_redirect(method: str, status: int, becomes: str) -> None:
    request = to("/x", status, method)
    assert request.method == becomes
    assert request.body == (None if becomes == "GET" else b"x")
    assert (request.timeout_ms, request.headers) == (5, SECRETS)


@pytest.mark.parametrize("status", [200, 300, 304, 305, 306, 400])
def test_other_statuses_lead_nowhere(status: int) -> None:
    assert redirect(Request("GET", "https://h/"), Response(status, headers={"location": "/x"})) is None


def test_redirect_without_a_location_is_an_answer() -> None:
    assert redirect(Request("GET", "https://h/"), Response(302)) is None


@pytest.mark.parametrize(
    "place", ["x", "https://h.example/", "https://h.example:8080/", "https://sub.h.example/", "//h.example"]
)
def test_secrets_go_to_the_same_host_and_below(place: str) -> None:
    assert to(place).headers == SECRETS


@pytest.mark.parametrize(
    "place", ["https://other.example/", "https://example/", "https://xh.example/", "http://h.example/"]
)
def test_secrets_do_not_go_to_another_host_or_scheme(place: str) -> None:
    # Segment: node-fetch keeps `x-api-key`; that would tell it to a stranger.
    for redirected in (to(place, method="POST"), to(place, 307, "DELETE", None), to(place, 303)):
        assert redirected.headers == {"x-agent": "segment"}


@pytest.mark.parametrize(
    ("status", "method"), [(307, "POST"), (308, "POST"), (307, "PUT"), (302, "PUT"), (301, "PATCH")]
)
@pytest.mark.parametrize(
    ("place", "target"),
    [
        ("https://other.example/x?key=1", "https://other.example"),
        ("https://me:secret@other.example:8443/", "https://other.example:8443"),
        ("https://example/", "https://example"),
        ("//xh.example/", "https://xh.example"),
        ("http://h.example/", "http://h.example"),
    ],
)
def test_a_body_does_not_go_to_another_host_or_scheme(status: int, method: str, place: str, target: str) -> None:
    with pytest.raises(RedirectRefusedError) as caught:
        to(place, status, method)
    error = caught.value
    assert (error.origin, error.target, error.code) == ("https://h.example", target, "REDIRECT_REFUSED")
    assert str(error).startswith(
        f"https://h.example redirects to {target}: a body is not sent to another host or scheme"
    )
    assert not is_retryable(error)
    assert not is_unavailable(error)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_body_goes_from_http_to_https_of_the_same_host(status: int) -> None:
    redirected = to("https://h.example/x", status, "PUT", url="http://h.example:8080/")
    assert (redirected.url, redirected.method, redirected.body) == ("https://h.example/x", "PUT", b"x")
    assert redirected.headers == {"x-agent": "segment"}
    with pytest.raises(RedirectRefusedError, match=r"^http://h\.example redirects to https://sub\.h\.example: "):
        to("https://sub.h.example/x", status, "PUT", url="http://h.example/")


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("DELETE", None), ("POST", b"")])
def test_a_redirect_without_a_body_is_followed_anywhere(method: str, body: bytes | None) -> None:
    redirected = to("http://other.example/", 307, method, body)
    assert (redirected.url, redirected.method, redirected.body) == ("http://other.example/", method, body)


@pytest.mark.parametrize("place", ["http://[", "ftp://h/", "https://me:secret@h h/"])
def test_place_that_cannot_be_followed_is_an_error(place: str) -> None:
    with pytest.raises(RedirectError, match=r"^uri requested responds with an invalid redirect URL$") as caught:
        to(place)
    assert not is_retryable(caught.value)
