from typing import Any

import httpx
import pytest

from destination import Destination
from destination.catalog.absmartly import EmbeddedCollector, absmartly
from tests.server.conftest import Post, serving
from tests.server.shop import SHOP

# --- authentication --------------------------------------------------------------------------------------


def test_settings_that_let_in(post: Post) -> None:
    assert post("/authenticate", {"key": "k"}) == (200, {"ok": True})


def test_settings_that_do_not_let_in(post: Post) -> None:
    assert post("/authenticate", {"key": "wrong"}) == (
        200,
        {"ok": False, "error": "Credentials are invalid: 422 Unprocessable Entity", "fields": {}},
    )


def test_settings_that_do_not_fit_are_told_by_field(post: Post) -> None:
    message = "Region must be a string but it was an object."
    assert post("/authenticate", {"key": "k", "region": {}}) == (
        200,
        {"ok": False, "error": message, "fields": {"region": message}},
    )


def test_absmartly_asks_the_collector() -> None:
    with EmbeddedCollector() as collector, serving(absmartly) as client:
        assert client.post("/authenticate", json=collector.settings).json() == {"ok": True}
        wrong = client.post("/authenticate", json={**collector.settings, "apiKey": "wrong"}).json()
        assert (wrong["ok"], wrong["fields"]) == (False, {})


# --- tokens ----------------------------------------------------------------------------------------------


def test_tokens_are_refreshed(post: Post) -> None:
    body = {"settings": {"key": "k"}, "refreshToken": "r", "clientId": "c"}
    assert post("/refreshAccessToken", body) == (200, {"ok": True, "data": {"accessToken": "new-r-c"}})


def test_a_refresh_that_the_partner_refuses_is_a_400(post: Post) -> None:
    assert post("/refreshAccessToken", {"refreshToken": "refused"}) == (
        400,
        {"ok": False, "error": {"why": "no such list"}},
    )


def test_a_destination_without_oauth_refreshes_nothing() -> None:
    with serving(absmartly) as client:
        response = client.post("/refreshAccessToken", json={})
    message = "refreshAccessToken is only valid with oauth2 authentication scheme"
    assert (response.status_code, response.json()) == (400, {"ok": False, "error": message})


# --- audiences -------------------------------------------------------------------------------------------


def test_audiences_are_made_and_looked_up(post: Post) -> None:
    made = post("/createAudience", {"settings": {"region": "eu"}, "audienceName": "VIPs"})
    assert made == (200, {"externalId": "VIPs-eu"})
    assert post("/getAudience", {"externalId": "VIPs-eu"}) == (200, {"externalId": "VIPs-eu"})


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "an audience needs a name"),
        ({"audienceName": "refused"}, {"why": "no such list"}),
        ({"audienceName": "a", "audienceSettings": {"folder": {}}}, "Folder must be a string but it was an object."),
    ],
)
def test_an_audience_that_cannot_be_made_is_a_400(post: Post, body: Any, error: Any) -> None:
    assert post("/createAudience", body) == (400, {"ok": False, "error": error})


# --- dynamic fields --------------------------------------------------------------------------------------


def test_a_dynamic_field_gives_choices(post: Post) -> None:
    body = {"settings": {"region": "eu"}, "payload": {}, "auth": {"accessToken": "t"}}
    status, result = post("/buy/list", body)
    assert (status, result["nextPage"]) == (200, "2")
    assert result["choices"][0]["value"] == {"page": 1, "region": "eu", "auth": {"accessToken": "t"}}
    assert post("/buy/list", {"page": "2"})[1]["choices"][0]["value"]["page"] == "2"


@pytest.mark.parametrize(
    ("path", "context"), [("item.sku", "None"), ("item.colour", "{'selectedKey': 'colour'}"), ("list", "None")]
)
def test_a_nested_dynamic_field_is_found_by_its_path(post: Post, path: str, context: str) -> None:
    assert post(f"/buy/{path}", {})[1]["choices"][0]["label"] == context


def test_an_unknown_dynamic_field_is_a_500(post: Post) -> None:
    error = {"message": "No dynamic field named colour found.", "code": "404"}
    assert post("/buy/colour", {}) == (500, [error])


def test_a_dynamic_field_that_fails_is_a_500(post: Post) -> None:
    assert post("/buy/list", {"payload": {"fail": True}}) == (
        500,
        [{"message": "no lists", "code": "NO_LISTS", "status": 404}],
    )


def test_a_dynamic_field_that_the_partner_refuses_is_a_500_with_its_answer(post: Post) -> None:
    status, (error,) = post("/buy/list", {"payload": {"refused": True}})
    assert (status, error["status"], error["data"]) == (500, 422, {"why": "no such list"})


def test_an_error_of_pythons_own_has_its_message_alone(post: Post) -> None:
    assert post("/buy/list", {"payload": {"broken": True}}) == (500, [{"message": "broken"}])


def test_a_result_that_is_no_json_is_a_500(post: Post) -> None:
    status, answered = post("/getAudience", {"externalId": "no JSON"})
    assert status == 500
    assert answered["error"].startswith("the answer cannot be written as JSON: ")


# --- hooks -----------------------------------------------------------------------------------------------


def test_a_hook_gives_what_is_to_be_stored(post: Post) -> None:
    body = {"hookInputs": {"name": "a"}, "hookOutputs": {"onMappingSave": {"outputs": {"id": 1}}}}
    status, result = post("/buy/hooks/onMappingSave", body)
    assert (status, result["successMessage"]) == (200, "made")
    assert result["savedData"]["id"] == "list-a"


def test_a_hook_that_says_no_is_a_500(post: Post) -> None:
    error = {"message": "a list needs a name", "code": "NO_NAME"}
    assert post("/buy/hooks/onMappingSave", {"hookInputs": {}}) == (500, [error])


def test_inputs_of_a_hook_are_validated(post: Post) -> None:
    status, (error,) = post("/buy/hooks/onMappingSave", {"hookInputs": {"size": "x"}})
    assert (status, list(error["fields"])) == (500, ["size"])


def test_an_unknown_hook_is_a_500(post: Post) -> None:
    status, (error,) = post("/buy/hooks/onOther", {})
    assert (status, error["message"]) == (500, "Missing implementation for hook: onOther.")
    status, (error,) = post("/bare/hooks/onMappingSave", {})
    assert (status, error["message"]) == (500, "This action does not support any hooks.")


def test_a_field_of_a_hook_gives_choices(post: Post) -> None:
    status, result = post("/buy/hooks/onMappingSave/dynamic/kind", {"settings": {"region": "eu"}})
    assert (status, result["choices"][0]["value"]["region"]) == (200, "eu")


# --- what is not there -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/nope", "/nope/list", "/nope/hooks/onMappingSave", "/nope/hooks/x/dynamic/y"])
def test_an_unknown_action_is_a_404_that_names_those_there_are(post: Post, path: str) -> None:
    error = "Shop has no action 'nope': use one of buy, buyTwice, bare"
    assert post(path, {}) == (404, {"ok": False, "error": error})


def test_a_destination_has_only_the_routes_that_it_can_serve() -> None:
    with serving(absmartly) as client:
        for path in ("/delete", "/createAudience", "/getAudience"):
            assert client.post(path, json={}).status_code == 404


def test_another_method_is_refused(shop: httpx.Client) -> None:
    assert shop.get("/buy").status_code == 405
    assert shop.get("/nope/a/b").json() == {"ok": False, "error": "there is no GET /nope/a/b here: Not Found"}


# --- the page --------------------------------------------------------------------------------------------


def test_a_person_who_opens_the_address_reads_what_it_is_and_which_command_shows_events(shop: httpx.Client) -> None:
    answer = shop.get("/")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert f"destination studio events.ndjson --destination {SHOP.slug}" in answer.text
    assert "POST /authenticate" in answer.text
    assert "<script" not in answer.text
    assert answer.headers["content-security-policy"] == "frame-ancestors 'none'"


def test_the_page_escapes_the_name_of_a_destination() -> None:
    odd: Destination[Any] = Destination(name="<b>Odd</b>", slug="odd", actions={})
    with serving(odd) as client:
        assert "&lt;b&gt;Odd&lt;/b&gt;" in client.get("/").text
