"""Asks a running forwarder, by its admin port, to send dead letters again."""

from typing import TYPE_CHECKING, Any

from destination.usage_problem import UsageProblem

if TYPE_CHECKING:
    from destination.forwarding.config import ForwardConfig
    from destination.forwarding.replaying import Replayed

_ANSWER_S = 600.0
_PAGE = 1_000
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  replaced, never bound to


def replay_by_admin(config: "ForwardConfig", name: str, ids: list[str] | None, why: str) -> "Replayed":
    """Has a running forwarder send dead letters again, since it writes their file.

    Args:
        config: Its configuration.
        name: The destination.
        ids: The ids or messageIds; None: all.
        why: Why the file cannot be used by this process.

    Raises:
        UsageProblem: The forwarder cannot be reached, or its admin port does not serve events.
    """
    import httpx

    from destination.forwarding.config import Address
    from destination.forwarding.replaying import Replayed

    admin = config.admin
    if admin is None or admin.token is None or not admin.events or not admin.listen.port:
        raise UsageProblem(f"{why}; stop the forwarder, or give it an admin port with a token and events = true")
    address = f"http://{Address(_ANY.get(admin.listen.host, admin.listen.host), admin.listen.port)}"
    headers = {"authorization": f"Bearer {admin.token.get_secret_value()}"}
    try:
        with httpx.Client(base_url=address, headers=headers, timeout=_ANSWER_S, trust_env=False) as client:
            if ids is None:
                ids = _all_ids(client, name)
            answer = client.post("/-/dead-letters/replay", json={"destination": name, "ids": ids})
            found: dict[str, Any] = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise UsageProblem(f"{why}; the admin port {address} does not answer: {type(error).__name__}") from None
    if answer.status_code != httpx.codes.OK:
        raise UsageProblem(f"{why}; the admin port {address} refuses: {found.get('error', answer.status_code)}")
    return Replayed(found["acknowledged"], found["failed"], found["deferred"], tuple(found["missing"]))


def _all_ids(client: Any, name: str) -> list[str]:
    ids: list[str] = []
    while True:
        page = client.get("/-/dead-letters", params={"destination": name, "skip": len(ids), "limit": _PAGE}).json()
        ids += [one["id"] for one in page.get("deadLetters", ())]
        if not page.get("deadLetters"):
            return ids
