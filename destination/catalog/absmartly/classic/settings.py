"""The settings of ABsmartly Classic."""

from typing import Any

from destination.fields import Settings, setting


class ClassicSettings(Settings):
    """What an instance of the classic integration needs to know; keys and words are those of its documents."""

    collector_endpoint: str = setting(
        label="Collector Endpoint",
        description="Your dedicated ABsmartly Collector Endpoint, for example: https://your-subdomain.absmartly.io/v1",
        format="uri",
    )
    api_key: str = setting(
        label="API Key",
        description="API Key to use when sending events to the ABsmartly Collector. API Keys are created in the "
        "Settings section of the ABsmartly Web Console.",
    )
    environment: str = setting(
        label="Environment",
        description="The environment name where the events are originating (case sensitive). Environments are created "
        "in the Settings section of the ABsmartly Web Console.",
    )
    unit_mapping: dict[str, Any] = setting(
        label="Unit Mapping",
        description="Mapping of Segment identity to ABsmartly Unit, for example anonymousId to anonymous_uuid. "
        "Required even where the names are the same.",
        type="object",
    )
    goal_mapping: dict[str, Any] | None = setting(
        label="Goal Mapping",
        description="Mapping of Segment event names to ABsmartly goal names. An event without one keeps its own name.",
        type="object",
        required=False,
    )
    application: str | None = setting(
        label="Application",
        description="The application in ABsmartly that the events belong to, where there is one.",
        required=False,
    )
    enable_exposure_tracking: bool | None = setting(
        label="Enable Exposure Tracking",
        description="Send exposures that an ABsmartly SDK with a custom publisher published through Segment.",
        required=False,
    )
    enable_page_view_tracking: bool | None = setting(
        label="Enable Page View Tracking",
        description="Send page events as goals. They tend to be many and may increase storage cost.",
        required=False,
    )
    enable_app_screen_view_tracking: bool | None = setting(
        label="Enable App Screen View Tracking",
        description="Send screen events as goals. They tend to be many and may increase storage cost.",
        required=False,
    )
