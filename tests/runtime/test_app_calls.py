from typing import Any

import pytest

from destination import (
    Action,
    ActionHook,
    AudienceConfig,
    Authentication,
    DefinitionError,
    Destination,
    HTTPError,
    IntegrationError,
    MockTransport,
    OperationStatus,
    PendingOperation,
    Request,
    SchemaValidationError,
)
from destination.event import NotAnEventError
from tests.runtime.oauth import EVENT, SETTINGS, Partner, bearer, refresh, subscription

NAME = {"name": {"label": "Name", "description": "", "type": "string", "required": True}}


def demo(authentication: Authentication[Any] | None = None, **parts: Any) -> Destination[Any]:
    own = {key: parts.pop(key) for key in ("audience_config", "audience_fields", "on_delete") if key in parts}
    action: Action[Any, Any] = Action(title="Send", description="", **{"perform": print, **parts})
    return Destination(
        name="Demo",
        slug="demo",
        actions={"send": action},
        authentication=authentication,
        extend_request=bearer,
        **own,
    )


def oauth() -> Authentication[Any]:
    return Authentication(scheme="oauth2", refresh_access_token=refresh)


# --- hooks -----------------------------------------------------------------------------------------------


def hook(perform_hook: Any = None, **more: Any) -> dict[Any, ActionHook]:
    return {"onMappingSave": ActionHook(label="Save", description="", perform_hook=perform_hook, **more)}


async def test_hook_sees_validated_inputs_and_what_the_app_tells() -> None:
    def save(request: Any, data: Any) -> Any:
        return {
            "savedData": {
                "inputs": data.hook_inputs,
                "payload": dict(data.payload),
                "outputs": data.hook_outputs,
                "audience": data.audience_settings,
                "page": data.page,
                "token": data.auth["accessToken"],
            }
        }

    fields = {"n": {"label": "N", "type": "number"}, "gone": {"label": "Gone", "type": "string"}}
    instance = demo(hooks=hook(save, input_fields=fields)).instance(SETTINGS, [])
    given = {
        "hookInputs": {"n": "5", "unknown": 1},
        "payload": {"name": "a"},
        "hookOutputs": {"onMappingSave": {"id": 1}},
        "audienceSettings": {"folder": "f"},
        "page": "2",
    }
    assert await instance.execute_hook("send", "onMappingSave", given) == {
        "savedData": {
            "inputs": {"n": 5},
            "payload": {"name": "a"},
            "outputs": {"onMappingSave": {"id": 1}},
            "audience": {"folder": "f"},
            "page": "2",
            "token": "old-token",
        }
    }


async def test_hook_without_fields_takes_inputs_as_they_are() -> None:
    instance = demo(hooks=hook(lambda request, data: data.hook_inputs)).instance({}, [])
    assert await instance.execute_hook("send", "onMappingSave", {"hookInputs": {"n": "5"}}) == {"n": "5"}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "The root value must be an object but it was undefined."),
        ({"hookInputs": None}, "The root value must be an object but it was null."),
        ({"hookInputs": {}}, "The root value is missing the required field 'name'."),
    ],
)
async def test_hook_inputs_that_do_not_fit(data: Any, message: str) -> None:
    instance = demo(hooks=hook(print, input_fields=NAME)).instance({}, [])
    with pytest.raises(SchemaValidationError) as caught:
        await instance.execute_hook("send", "onMappingSave", data)
    assert str(caught.value) == message


async def test_hook_may_send() -> None:
    def save(request: Any, data: Any) -> Any:
        return request("https://api.test/lists", "post", json={})

    transport = MockTransport(lambda _: {"id": 1})
    instance = demo(hooks=hook(save)).instance(SETTINGS, [], transport=transport)
    assert await instance.execute_hook("send", "onMappingSave") == {"id": 1}
    assert transport.requests[0].headers["authorization"] == "Bearer old-token"
    given = {"auth": {"accessToken": "given"}}
    await instance.execute_hook("send", "onMappingSave", given)
    assert transport.requests[1].headers["authorization"] == "Bearer given"


@pytest.mark.parametrize(
    ("hooks", "name", "message"),
    [
        ({}, "onMappingSave", "This action does not support any hooks."),
        (hook(print), "retlOnMappingSave", "Missing implementation for hook: retlOnMappingSave."),
        (hook(print), "__class__", "Missing implementation for hook: __class__."),
        (hook(None), "onMappingSave", "Missing implementation for hook: onMappingSave."),
    ],
)
async def test_hook_that_is_not_there(hooks: Any, name: str, message: str) -> None:
    with pytest.raises(IntegrationError) as caught:
        await demo(hooks=hooks).instance({}, []).execute_hook("send", name)
    assert (str(caught.value), caught.value.code, caught.value.status) == (message, "NotImplemented", 501)


async def test_hook_of_an_action_that_is_not_there() -> None:
    with pytest.raises(DefinitionError, match="no action 'nope': use one of send"):
        await demo().instance({}, []).execute_hook("nope", "onMappingSave")


def test_hook_with_a_name_that_segment_never_calls() -> None:
    with pytest.raises(DefinitionError, match="has a hook 'onSave'"):
        demo(hooks={"onSave": ActionHook(label="", description="")})


def test_malformed_field_of_a_hook_is_an_error_where_it_is_written() -> None:
    with pytest.raises(DefinitionError, match="hook 'Save'"):
        hook(print, input_fields={"n": {"label": "N", "type": "numbr"}})


async def test_what_a_hook_stored_reaches_perform() -> None:
    mapping = {"onMappingSave": {"outputs": {"id": "l1"}}, "retlOnMappingSave": {"outputs": {}}, "name": "x"}
    seen: list[Any] = []
    action = demo(perform=lambda request, data: seen.append(data.hook_outputs), hooks=hook(print), fields=NAME)
    instance = action.instance({}, [subscription(mapping=mapping)], transport=MockTransport())
    assert (await instance.on_event(EVENT)).errors == []
    # the other hook is none of this action's
    assert seen == [{"onMappingSave": {"outputs": {"id": "l1"}}}]
    empty = subscription(mapping={"onMappingSave": "", "name": "x"})
    await action.instance({}, [empty], transport=MockTransport()).on_event(EVENT)
    assert seen[1] == {}


# --- dynamic fields --------------------------------------------------------------------------------------


async def test_dynamic_field_sees_where_it_is() -> None:
    def choices(request: Any, data: Any) -> Any:
        return {"choices": [], "context": data.dynamic_field_context, "page": data.page}

    instance = demo(dynamic_fields={"items": {"sku": choices}, "user": {"__values__": choices}}).instance({}, [])
    found = await instance.execute_dynamic_field("send", "items.[2].sku", {"page": "2"})
    assert found == {"choices": [], "context": {"selectedArrayIndex": 2}, "page": "2"}
    found = await instance.execute_dynamic_field("send", "user.email", {"dynamicFieldContext": {"query": "q"}})
    # Segment: what the caller tells of the place is replaced
    assert found["context"] == {"selectedKey": "email"}


async def test_dynamic_field_may_send() -> None:
    def choices(request: Any, data: Any) -> Any:
        return request("https://api.test/lists")

    transport = MockTransport(lambda _: {"choices": [{"label": "A", "value": "a"}]})
    instance = demo(dynamic_fields={"list": choices}).instance({}, [], transport=transport)
    assert await instance.execute_dynamic_field("send", "list") == {"choices": [{"label": "A", "value": "a"}]}


async def test_dynamic_field_that_is_not_there() -> None:
    instance = demo().instance({}, [])
    assert await instance.execute_dynamic_field("send", "list") == {
        "choices": [],
        "nextPage": "",
        "error": {"message": "No dynamic field named list found.", "code": "404"},
    }
    assert await instance.execute_dynamic_field("nope", "list") == []


async def test_dynamic_field_of_a_hook() -> None:
    def choices(request: Any, data: Any) -> Any:
        return [data.hook_inputs, data.dynamic_field_context]

    fields = {"list": {"label": "List", "type": "string", "dynamic": choices}}
    instance = demo(hooks=hook(print, input_fields=fields), dynamic_fields={"other": choices}).instance({}, [])
    given = {"hookInputs": {"a": 1}, "dynamicFieldContext": {"query": "q"}}
    found = await instance.execute_dynamic_field("send", "list", given, hook="onMappingSave")
    assert found == [{"a": 1}, {"query": "q"}]
    # a field of the hook without a function: the action is asked
    found = await instance.execute_dynamic_field("send", "other", given, hook="onMappingSave")
    assert found == [{"a": 1}, None]
    missing = await instance.execute_dynamic_field("send", "list", given, hook="retlOnMappingSave")
    assert missing["error"]["code"] == "404"


# --- audiences -------------------------------------------------------------------------------------------


def audiences(**functions: Any) -> AudienceConfig:
    return AudienceConfig(mode="synced", **functions)


async def test_audience_is_made_with_validated_settings() -> None:
    async def create(request: Any, data: Any) -> Any:
        answer = await request("https://api.test/audiences", "post", json={"name": data.audience_name})
        return {
            "externalId": str(answer.data["id"]),
            "seen": [data.audience_settings, data.personas, dict(data.settings)],
        }

    config = audiences(create_audience=create, get_audience=print)
    fields = {"folder": {"label": "Folder", "type": "number", "required": True}}
    instance = demo(audience_config=config, audience_fields=fields).instance(
        {**SETTINGS, "region": "eu"}, [], transport=MockTransport(lambda _: {"id": 7})
    )
    given = {"audienceName": "VIPs", "audienceSettings": {"folder": "5"}, "personas": {"computation_key": "vip"}}
    assert await instance.create_audience(given) == {
        "externalId": "7",
        "seen": [{"folder": 5}, {"computation_key": "vip"}, {"region": "eu"}],
    }
    assert given["audienceSettings"] == {"folder": "5"}
    with pytest.raises(SchemaValidationError, match="missing the required field 'folder'"):
        await instance.create_audience({"audienceSettings": {"other": 1}})
    # Segment: no settings at all are not looked at
    assert (await instance.create_audience({"audienceSettings": {}}))["seen"][0] == {}


async def test_audience_is_looked_up() -> None:
    def get(request: Any, data: Any) -> Any:
        return request(f"https://api.test/audiences/{data.external_id}")

    config = audiences(create_audience=print, get_audience=get)
    instance = demo(audience_config=config).instance({}, [], transport=MockTransport(lambda _: {"externalId": "7"}))
    assert await instance.get_audience({"externalId": "7", "audienceSettings": {"unchecked": 1}}) == {"externalId": "7"}


@pytest.mark.parametrize("config", [None, audiences(), audiences(create_audience=print), audiences(get_audience=print)])
async def test_destination_without_audience_functions(config: Any) -> None:
    instance = demo(audience_config=config).instance({}, [])
    with pytest.raises(DefinitionError, match=r"^Unexpected call to createAudience$"):
        await instance.create_audience({})
    with pytest.raises(DefinitionError, match=r"^Unexpected call to getAudience$"):
        await instance.get_audience({})


async def test_audience_calls_refresh_tokens() -> None:
    def get(request: Any, data: Any) -> Any:
        return request("https://api.test/audience")

    partner = Partner()
    config = audiences(create_audience=get, get_audience=get)
    instance = demo(oauth(), audience_config=config).instance(SETTINGS, [], transport=MockTransport(partner))
    assert await instance.get_audience({}) == {"ok": True}
    partner.good = "never"
    with pytest.raises(HTTPError):
        await instance.get_audience({})
    assert len(partner.refreshes) == 3


# --- deletion --------------------------------------------------------------------------------------------


async def test_deletion_sees_the_ids_that_the_event_has() -> None:
    instance = demo(on_delete=lambda request, data: [dict(data.payload), dict(data.auth)]).instance(SETTINGS, [])
    seen = await instance.on_delete({"type": "delete", "userId": None, "traits": {}})
    assert seen[0] == {"userId": None}
    assert seen[1]["accessToken"] == "old-token"
    assert (await instance.on_delete({"anonymousId": "a"}))[0] == {"anonymousId": "a"}


async def test_deletion_that_gives_nothing() -> None:
    nothing = {"output": "no onDelete defined"}
    assert await demo(on_delete=lambda request, data: None).instance({}, []).on_delete({}) == nothing
    assert await demo().instance({}, []).on_delete({}) == nothing


async def test_deletion_refreshes_tokens() -> None:
    def delete(request: Any, data: Any) -> Any:
        return request("https://api.test/user", "delete")

    partner = Partner()
    instance = demo(oauth(), on_delete=delete).instance(SETTINGS, [], transport=MockTransport(partner))
    assert await instance.on_delete({"userId": "u"}) == {"ok": True}
    assert len(partner.refreshes) == 1


async def test_deletion_that_fails_otherwise_refreshes_nothing() -> None:
    partner = Partner()
    instance = demo(oauth(), on_delete=lambda request, data: dict(data.payload)["missing"]).instance(
        SETTINGS, [], transport=MockTransport(partner)
    )
    with pytest.raises(KeyError):
        await instance.on_delete({"userId": "u"})
    assert partner.refreshes == []


async def test_deletion_of_what_is_no_event() -> None:
    with pytest.raises(NotAnEventError):
        await demo().instance({}, []).on_delete([])  # type: ignore[arg-type]


# --- polls -----------------------------------------------------------------------------------------------


async def start(request: Any, data: Any) -> Any:
    job = await request("https://api.test/jobs", "post", json=dict(data.payload))
    return PendingOperation(context={"job": job.data["id"]}, message="queued")


async def ask(request: Any, data: Any) -> Any:
    job = await request(f"https://api.test/jobs/{data.operation.context['job']}")
    return OperationStatus(state=job.data["state"], result=job.data.get("result"))


async def test_operation_is_finished_later() -> None:
    states = iter([{"state": "pending"}, {"state": "completed", "result": {"rows": 1}}])

    def answer(request: Request) -> Any:
        return {"id": 7} if request.method == "POST" else next(states)

    instance = demo(perform=start, perform_poll=ask, fields=NAME).instance(
        {}, [subscription(), subscription(subscribe='type = "page"')], transport=MockTransport(answer)
    )
    result = await instance.on_event(EVENT)
    operation = result.outcomes[0].operation
    assert operation == PendingOperation(context={"job": 7}, message="queued")
    assert result.outcomes[1].operation is None
    assert result.results[2] == {"data": {"context": {"job": 7}, "message": "queued"}, "output": "Action Executed"}
    assert (await instance.poll("send", operation)).is_final is False
    done = await instance.poll("send", operation.to_json())
    assert (done.state, done.result) == ("completed", {"rows": 1})


async def test_poll_refreshes_tokens() -> None:
    async def ask(request: Any, data: Any) -> Any:
        await request("https://api.test/job")
        return OperationStatus(state="completed")

    partner = Partner()
    instance = demo(oauth(), perform_poll=ask).instance(SETTINGS, [], transport=MockTransport(partner))
    assert (await instance.poll("send", PendingOperation(context={}))).state == "completed"
    assert len(partner.refreshes) == 1


async def test_poll_that_cannot_be() -> None:
    operation = PendingOperation(context={})
    with pytest.raises(DefinitionError, match="has no perform_poll"):
        await demo().instance({}, []).poll("send", operation)
    with pytest.raises(DefinitionError, match=r"must return an OperationStatus, not \{\}"):
        await demo(perform_poll=lambda request, data: {}).instance({}, []).poll("send", operation)
    given: list[Any] = [[], {}, {"context": 5}]
    for broken in given:
        with pytest.raises(DefinitionError, match="a pending operation is"):
            await demo(perform_poll=print).instance({}, []).poll("send", broken)
    with pytest.raises(DefinitionError, match="not 'done'"):
        OperationStatus(state="done")  # type: ignore[arg-type]
