"""Declarative destinations that behave as Segment's do.

This package has the names that the author of a destination and the caller of an instance use: definitions, fields,
directives, requests, results and errors. Import everything else from its own package, such as `destination.values`
for JavaScript's conversions or `destination.fql` for triggers.

A module is imported when one of its names is first used, so that `import destination` is quick.

Example:
    >>> from destination import path, template
    >>> {"id": path("$.userId"), "name": template("signup_{{properties.plan}}")}
    {'id': {'@path': '$.userId'}, 'name': {'@template': 'signup_{{properties.plan}}'}}
"""

from importlib import import_module
from os.path import dirname, isdir, join
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from destination.availability import (
        is_certificate_refused as is_certificate_refused,
        is_retryable as is_retryable,
        is_unavailable as is_unavailable,
    )
    from destination.definition import (
        Action as Action,
        ActionDestinationErrorResponse as ActionDestinationErrorResponse,
        ActionDestinationSuccessResponse as ActionDestinationSuccessResponse,
        ActionHook as ActionHook,
        AudienceConfig as AudienceConfig,
        Authentication as Authentication,
        BatchInput as BatchInput,
        EventOptions as EventOptions,
        ExecuteInput as ExecuteInput,
        HookOutput as HookOutput,
        MultiStatusResponse as MultiStatusResponse,
        OperationStatus as OperationStatus,
        PendingOperation as PendingOperation,
        Preset as Preset,
        StatsContext as StatsContext,
        Subscription as Subscription,
        SyncModeDefinition as SyncModeDefinition,
        SyncModeOption as SyncModeOption,
        find as find,
        read_subscriptions as read_subscriptions,
        resolve_audience_membership as resolve_audience_membership,
    )
    from destination.error_codes import (
        ErrorCodes as ErrorCodes,
    )
    from destination.errors import (
        APIError as APIError,
        CollectorRejectedError as CollectorRejectedError,
        ConnectionError as ConnectionError,
        DefinitionError as DefinitionError,
        DestinationError as DestinationError,
        DroppedRequestError as DroppedRequestError,
        EngineTypeError as EngineTypeError,
        FQLSyntaxError as FQLSyntaxError,
        HTTPError as HTTPError,
        IntegrationError as IntegrationError,
        InvalidAudienceMembershipError as InvalidAudienceMembershipError,
        InvalidAuthenticationError as InvalidAuthenticationError,
        MappingError as MappingError,
        MappingValidationError as MappingValidationError,
        MultiStatusError as MultiStatusError,
        NotPortableError as NotPortableError,
        PartnerUnavailableError as PartnerUnavailableError,
        PayloadValidationError as PayloadValidationError,
        RedirectError as RedirectError,
        RedirectRefusedError as RedirectRefusedError,
        RequestClientError as RequestClientError,
        RequestTimeoutError as RequestTimeoutError,
        ResponseTooLargeError as ResponseTooLargeError,
        RetryableError as RetryableError,
        SchemaValidationError as SchemaValidationError,
        SelfTimeoutError as SelfTimeoutError,
        TimeoutError as TimeoutError,
    )
    from destination.event import (
        Event as Event,
        NotAnEventError as NotAnEventError,
    )
    from destination.fields import (
        InputField as InputField,
        Payload as Payload,
        Settings as Settings,
        field as field,
        setting as setting,
    )
    from destination.mapping import (
        array_path as array_path,
        case as case,
        exclude_when_null as exclude_when_null,
        flatten as flatten,
        if_blank as if_blank,
        if_exists as if_exists,
        jinja_template as jinja_template,
        json_decode as json_decode,
        json_encode as json_encode,
        jsonpath as jsonpath,
        liquid_template as liquid_template,
        literal as literal,
        merge as merge,
        path as path,
        replace as replace,
        template as template,
        transformed as transformed,
    )
    from destination.request import (
        Headers as Headers,
        HttpxTransport as HttpxTransport,
        MockTransport as MockTransport,
        PendingRequest as PendingRequest,
        PyreqwestTransport as PyreqwestTransport,
        Request as Request,
        RequestClient as RequestClient,
        RequestOptions as RequestOptions,
        Response as Response,
        Transport as Transport,
    )
    from destination.runtime import (
        BatchOutcome as BatchOutcome,
        BatchResult as BatchResult,
        Destination as Destination,
        EventResult as EventResult,
        Instance as Instance,
        Outcome as Outcome,
        Plan as Plan,
    )
    from destination.values import (
        MISSING as MISSING,
    )

__version__ = "0.2.0"

if not isdir(join(__path__[0], "actions")):  # noqa: PTH112, PTH118  # importing pathlib costs more than all of this
    __path__.append(dirname(__path__[0]))  # noqa: PTH120  # a checkout without links has the folders one level up

# The second list is written down: lazy-loader, which reads the first one from a stub, takes 9 ms at each start
# where this takes 2.
_HOMES = {
    "availability": """
        is_certificate_refused is_retryable is_unavailable
    """,
    "definition": """
        Action ActionDestinationErrorResponse ActionDestinationSuccessResponse ActionHook AudienceConfig
        Authentication BatchInput EventOptions ExecuteInput HookOutput MultiStatusResponse OperationStatus
        PendingOperation Preset StatsContext Subscription SyncModeDefinition SyncModeOption find
        read_subscriptions resolve_audience_membership
    """,
    "error_codes": """
        ErrorCodes
    """,
    "errors": """
        APIError CollectorRejectedError ConnectionError DefinitionError DestinationError DroppedRequestError
        EngineTypeError FQLSyntaxError HTTPError IntegrationError InvalidAudienceMembershipError
        InvalidAuthenticationError MappingError MappingValidationError MultiStatusError NotPortableError
        PartnerUnavailableError PayloadValidationError RedirectError RedirectRefusedError RequestClientError
        RequestTimeoutError ResponseTooLargeError RetryableError SchemaValidationError SelfTimeoutError TimeoutError
    """,
    "event": """
        Event NotAnEventError
    """,
    "fields": """
        InputField Payload Settings field setting
    """,
    "mapping": """
        array_path case exclude_when_null flatten if_blank if_exists jinja_template json_decode json_encode
        jsonpath liquid_template literal merge path replace template transformed
    """,
    "request": """
        Headers HttpxTransport MockTransport PendingRequest PyreqwestTransport Request RequestClient
        RequestOptions Response Transport
    """,
    "runtime": """
        BatchOutcome BatchResult Destination EventResult Instance Outcome Plan
    """,
    "values": """
        MISSING
    """,
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = list(_HOME_OF)


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'destination' has no attribute {name!r}")
    value = getattr(import_module(f"destination.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
