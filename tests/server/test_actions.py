from typing import Any

import httpx
import pytest

from destination import (
    Action,
    Authentication,
    Destination,
    IntegrationError,
    MockTransport,
    Request,
    RequestOptions,
    Response,
)
from destination.catalog.absmartly import EmbeddedCollector, absmartly
from destination.request.prepare import basic_auth
from tests.kit import TEXT
from tests.server.conftest import Post, serving
from tests.server.shop import SHOP

ORDER = {"type": "track", "event": "Order", "properties": {"count": "3"}}


def only(answered: tuple[int, Any]) -> Any:
    """The one item of a 200."""
    status, body = answered
    assert status == 200
    (item,) = body
    return item


# --- secrets ---------------------------------------------------------------------------------------------

KEY = "sk_live+0123/456="


def _leaking(request: Any, data: Any) -> Any:
    """Has the key everywhere: in what it sends, and in what it raises."""
    key = data.settings["key"]
    kind = data.payload.get("kind")
    if kind == "raise":
        raise ValueError(f"cannot use {data.settings!r}\nkey {key!r}, {basic_auth(f'me:{key}')}")
    if kind == "refused":
        return request("https://h.test/refused", "post", json={"key": key})
    return request("https://h.test/", "post", search_params={"key": key}, json={"key": key}, headers={"X-Copy": key})


def _echo(request: Request) -> Response:
    status = 422 if request.url.endswith("refused") else 200
    return Response(status, json={"echo": KEY, "token": "t0k3n-of-the-call"}, headers={"X-Echo": KEY})


def _choices(request: Any, data: Any) -> Any:
    if data.payload.get("given"):
        return {"error": {"message": f"no list for {data.settings['key']}", "code": "404"}}
    raise IntegrationError(f"no list for {data.settings['key']}", "NO_LIST", 404)


def _defaults(settings: Any) -> RequestOptions:
    if settings.get("broken"):
        raise ValueError(f"what is {settings['key']}?")
    return RequestOptions()


LEAKING: Destination[Any] = Destination(
    name="Leaking",
    slug="leaking",
    authentication=Authentication(
        scheme="oauth2",
        fields={"key": {**TEXT, "type": "password"}, "broken": {**TEXT, "type": "boolean"}},
        test_authentication=_leaking,
        refresh_access_token=lambda request, data: request("https://h.test/refused", "post"),
    ),
    request_defaults=_defaults,
    actions={
        "send": Action(
            title="Send",
            description="",
            perform=_leaking,
            fields={"kind": {**TEXT, "dynamic": True}},
            dynamic_fields={"kind": _choices},
        )
    },
    on_delete=lambda request, data: request("https://h.test/refused", "post", json={"key": data.settings["key"]}),
)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/send", {"payload": {"kind": "raise"}}),
        ("/send", {"payload": {"kind": "refused"}}),
        ("/send", {"payload": {"kind": "send"}}),
        ("/send", {"payload": {}, "settings": {"key": KEY, "broken": True}}),
        ("/send/kind", {"payload": {}}),
        ("/send/kind", {"payload": {"given": True}}),
        ("/delete", {"payload": {}, "settings": {"key": KEY, "oauth": {"access_token": "t0k3n-of-the-call"}}}),
        ("/refreshAccessToken", {"accessToken": "t0k3n-of-the-call"}),
        ("/authenticate", {"key": KEY, "oauth": {"access_token": "t0k3n-of-the-call"}}),
    ],
)
def test_no_answer_holds_a_secret_of_its_call(path: str, body: dict[str, Any]) -> None:
    auth = {"accessToken": "t0k3n-of-the-call"}
    with serving(LEAKING, MockTransport(_echo)) as client:
        answered = client.post(path, json={"settings": {"key": KEY}, "auth": auth, **body}).text
    for secret in ("sk_live", "0123/456", "0123%2F456", "t0k3n", basic_auth(f"me:{KEY}").removeprefix("Basic ")[4:16]):
        assert secret not in answered
    assert ("<redacted>" in answered) != (path == "/authenticate")


# --- exchanges -------------------------------------------------------------------------------------------


def test_an_action_answers_its_exchanges(post: Post) -> None:
    exchange = only(post("/buy", {"payload": ORDER, "mapping": {"path": "/orders"}, "settings": {"region": "eu"}}))
    assert exchange == {
        "request": {
            "url": "https://shop.test/orders",
            "method": "POST",
            "headers": {
                "authorization": "<redacted>",
                "content-type": "application/json",
                "user-agent": "Segment (Actions)",
                "x-agent": "a",
                "x-region": "eu",
            },
            "body": '{"payload":{"count":3,"path":"/orders"},"auth":{},"features":{},"metadata":{"actionConfigId":null,'
            '"destinationConfigId":null,"actionId":null,"sourceId":null},"region":"eu"}',
        },
        "response": {
            "statusCode": 200,
            "statusMessage": "OK",
            "headers": {"content-type": "application/json"},
            "body": {"path": "/orders"},
        },
    }


def test_several_requests_stand_in_the_order_of_their_answers(post: Post) -> None:
    status, exchanges = post("/buyTwice", {"payload": {}, "mapping": {"path": "/refused"}})
    assert status == 200
    assert [exchange["request"]["url"] for exchange in exchanges] == [
        "https://shop.test/refused",
        "https://shop.test/second",
    ]
    assert [exchange["response"]["statusCode"] for exchange in exchanges] == [422, 200]
    assert exchanges[0]["response"]["headers"]["set-cookie"] == "<redacted>"
    assert [exchange["request"]["body"] for exchange in exchanges] == ["", "422"]


@pytest.mark.parametrize(("path", "body"), [("/text", "done"), ("/broken", "{")])
def test_an_answer_that_is_no_json_is_text(post: Post, path: str, body: str) -> None:
    exchange = only(post("/buy", {"payload": {}, "mapping": {"path": path, "method": "get"}}))
    assert exchange["response"]["body"] == body


def test_credentials_in_a_url_are_not_shown(post: Post) -> None:
    mapping = {"path": "@me.test/x?y=1", "method": "get"}  # https://shop.test@me.test/: a user name
    exchange = only(post("/buy", {"payload": {}, "mapping": mapping}))
    assert exchange["request"]["url"] == "https://me.test/x?y=1"


def test_tokens_features_and_identifiers_reach_the_perform(post: Post, sent: list[Any]) -> None:
    metadata = {"actionConfigId": "1", "destinationConfigId": "2", "actionId": "3", "sourceId": "4"}
    body = {
        "payload": ORDER,
        "mapping": {"path": "/orders"},
        "auth": {"accessToken": "secret"},
        "features": {"new": True},
        "subscriptionMetadata": metadata,
    }
    assert only(post("/buy", body))["response"]["statusCode"] == 200
    seen = sent[0].json()
    assert (seen["auth"], seen["features"], seen["metadata"]) == ({"accessToken": "secret"}, {"new": True}, metadata)


# --- mappings --------------------------------------------------------------------------------------------


def test_triggers_are_never_evaluated(post: Post) -> None:
    assert "response" in only(post("/buy", {"payload": {"type": "anything"}, "mapping": {"path": "/orders"}}))


def test_defaults_of_fields_stand_under_the_mapping(post: Post, sent: list[Any]) -> None:
    post("/buy", {"payload": ORDER})
    post("/buy", {"payload": ORDER, "mapping": {"count": 5, "note": "n"}})
    assert [request.json()["payload"] for request in sent] == [{"count": 3}, {"count": 5, "note": "n"}]


def test_an_empty_mapping_means_the_payload_itself(post: Post, sent: list[Any]) -> None:
    assert "response" in only(post("/bare", {"payload": {"path": "/mine", "n": 1}, "mapping": {}}))
    assert sent[0].json()["payload"] == {"path": "/mine", "n": 1}


def test_an_empty_body_is_an_empty_event(shop: httpx.Client, sent: list[Any]) -> None:
    assert shop.post("/bare").json()[0]["response"]["statusCode"] == 200
    assert sent[0].json()["payload"] == {}


def test_settings_are_not_validated_for_an_action(post: Post, sent: list[Any]) -> None:
    only(post("/buy", {"payload": ORDER, "settings": {"region": 5}}))
    assert sent[0].json()["region"] == 5


# --- batches ---------------------------------------------------------------------------------------------


def test_a_list_runs_the_batch(post: Post, sent: list[Any]) -> None:
    events = [ORDER, {"properties": {"count": "x"}}, {"properties": {"count": 2}}]
    exchange = only(post("/buy", {"payload": events}))
    assert exchange["request"]["body"] == '[{"count":3},{"count":2}]'
    assert len(sent) == 1


def test_an_empty_list_sends_nothing(post: Post, sent: list[Any]) -> None:
    assert post("/buy", {"payload": []}) == (200, [])
    assert sent == []


def test_a_batch_for_an_action_without_batches_is_an_error(post: Post) -> None:
    error = only(post("/bare", {"payload": [{"a": 1}]}))
    assert (error["statusCode"], error["message"]) == (501, "This action does not support batched requests.")


# --- errors ----------------------------------------------------------------------------------------------


def test_an_error_is_a_200_with_its_status_message_and_stack(post: Post) -> None:
    error = only(post("/buy", {"payload": ORDER, "mapping": {"fail": True}}))
    stack = error.pop("stack")
    assert error == {"statusCode": 409, "message": "sold out", "requestError": True}
    assert stack[0] == "IntegrationError: sold out"
    assert stack[1].startswith("    at tests.server.shop.buy:")
    assert not any("/" in line for line in stack)


def test_a_payload_that_does_not_fit_is_a_500_with_its_fields(post: Post) -> None:
    error = only(post("/buy", {"payload": {}, "mapping": {"count": "many"}}))
    message = "Count must be a number but it was a string."
    assert (error["statusCode"], error["message"], error["fields"]) == (500, message, {"count": message})


def test_a_missing_field_stands_under_the_root() -> None:
    with serving(absmartly) as client:
        error = client.post("/trackGoal", json={"payload": {"type": "track"}, "mapping": {}}).json()[0]
    assert list(error["fields"]) == ["$"]
    assert error["fields"]["$"].startswith("The root value is missing the required field")


def test_an_error_of_the_partner_has_its_status_and_data(post: Post) -> None:
    error = only(post("/buy", {"payload": ORDER, "mapping": {"path": "/refused"}}))
    assert (error["statusCode"], error["message"]) == (422, {"why": "no such list"})
    assert "fields" not in error


def test_a_directive_that_fails_is_a_500(post: Post) -> None:
    error = only(post("/buy", {"payload": {}, "mapping": {"note": {"@nothing": 1}}}))
    assert error["statusCode"] == 500
    assert "@nothing" in error["message"]


@pytest.mark.parametrize("payload", ["text", 5, True])
def test_a_payload_that_is_no_object_is_an_error(post: Post, payload: Any) -> None:
    for action in ("/buy", "/bare"):
        error = only(post(action, {"payload": payload}))
        assert error["requestError"] is True


@pytest.mark.parametrize("item", ["text", 5, None, [1]])
def test_an_item_of_a_batch_that_is_no_object_is_an_error_or_a_node(post: Post, item: Any) -> None:
    status, _ = post("/buy", {"payload": [item]})
    assert status == 200


def test_settings_that_the_destination_cannot_use_are_an_error() -> None:
    def defaults(settings: Any) -> RequestOptions:
        return RequestOptions(headers={"X-Key": settings["key"]})

    picky: Destination[Any] = Destination(
        name="Picky", slug="picky", actions=SHOP.actions, request_defaults=defaults, extend_request=None
    )
    with serving(picky, MockTransport()) as client:
        error = client.post("/bare", json={}).json()[0]
    assert (error["statusCode"], error["message"]) == (500, "'key'")
    assert error["stack"][0] == "KeyError: 'key'"


# --- deletion --------------------------------------------------------------------------------------------

SETTINGS = {"key": "k", "region": "eu"}


def test_delete_answers_its_exchanges(post: Post, sent: list[Any]) -> None:
    exchange = only(post("/delete", {"payload": {"userId": "u", "anonymousId": "a", "x": 1}, "settings": SETTINGS}))
    assert (exchange["request"]["method"], exchange["request"]["url"]) == ("DELETE", "https://shop.test/users/u")
    assert sent[0].json() == {"userId": "u", "anonymousId": "a"}


def test_delete_validates_settings(post: Post) -> None:
    error = only(post("/delete", {"payload": {"userId": "u"}}))
    assert error["fields"] == {"$": "The root value is missing the required field 'key'."}


def test_a_deletion_that_the_partner_refuses_is_an_error(post: Post) -> None:
    error = only(post("/delete", {"payload": {"userId": "unknown"}, "settings": SETTINGS}))
    assert (error["statusCode"], error["message"]) == (422, {"why": "no such list"})


# --- for real --------------------------------------------------------------------------------------------


def test_absmartly_sends_goals_to_a_collector() -> None:
    event = {
        "type": "track",
        "event": "Order",
        "userId": "u",
        "timestamp": "2026-01-01T00:00:00.000Z",
        "properties": {"total": 5},
    }
    with EmbeddedCollector() as collector, serving(absmartly) as client:
        body = {"payload": event, "settings": collector.settings}
        (exchange,) = client.post("/trackGoal", json=body).json()
        assert exchange["request"]["headers"]["x-api-key"] == "<redacted>"
        assert exchange["response"]["body"] == {"ok": True, "warnings": [], "errors": []}
        assert collector.received[0]["event"]["goals"][0]["name"] == "Order"
        assert len(client.post("/trackGoal", json={**body, "payload": [event, event]}).json()) == 1
        assert len(collector.received) == 3
