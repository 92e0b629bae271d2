"""A destination that lets in by OAuth, and a partner that knows which token is good."""

from collections.abc import Callable
from typing import Any

from destination import Action, Authentication, Destination, Request, RequestOptions

FIELDS = {"name": {"label": "Name", "description": "", "type": "string", "required": True}}
SETTINGS = {
    "oauth": {"access_token": "old-token", "refresh_token": "refresh-1", "clientId": "c", "clientSecret": "sec"}
}
EVENT = {"type": "track", "event": "A", "userId": "u"}


def subscription(action: str = "send", **change: Any) -> dict[str, Any]:
    return {
        "name": action,
        "subscribe": 'type = "track"',
        "partnerAction": action,
        "mapping": {"name": {"@path": "$.event"}},
        **change,
    }


def bearer(data: Any) -> RequestOptions:
    return RequestOptions(headers={"authorization": f"Bearer {data.auth.get('accessToken')}"})


def send(request: Any, data: Any) -> Any:
    return request("https://api.test/send", "post", json={"name": data.payload["name"]})


def send_batch(request: Any, data: Any) -> Any:
    return request("https://api.test/batch", "post", json=[payload["name"] for payload in data.payload])


async def refresh(request: Any, data: Any) -> Any:
    answer = await request("https://auth.test/token", "post", json={"refresh_token": data.auth.get("refreshToken")})
    return {"accessToken": answer.data["access_token"], "refreshToken": answer.data.get("refresh_token")}


def oauth_destination(
    refresh_access_token: Callable[..., Any] | None = refresh, scheme: Any = "oauth2", **performs: Callable[..., Any]
) -> Destination[Any]:
    actions = {
        slug: Action[Any, Any](title=slug, description="", fields=FIELDS, perform=perform, perform_batch=send_batch)
        for slug, perform in ({"send": send} | performs).items()
    }
    authentication: Authentication[Any] = Authentication(scheme=scheme, refresh_access_token=refresh_access_token)
    return Destination(name="Demo", slug="demo", actions=actions, authentication=authentication, extend_request=bearer)


class Partner:
    """Takes requests with the good token, and gives the next one for each refresh."""

    def __init__(self, good: str = "token-1") -> None:
        self.good = good
        self.refreshes: list[Any] = []
        self.taken: list[str] = []
        self.refused = 0

    def __call__(self, request: Request) -> Any:
        if request.url == "https://auth.test/token":
            self.refreshes.append(request.json())
            return {
                "access_token": f"token-{len(self.refreshes)}",
                "refresh_token": f"refresh-{len(self.refreshes) + 1}",
            }
        if request.headers["authorization"] != f"Bearer {self.good}":
            self.refused += 1
            return 401
        self.taken.append(request.url)
        return {"ok": True}
