"""Declarative destinations that behave as Segment's do.

Everything public of the framework's stages stands here; a module is imported when the first of its names is
asked for, so that `import destination` costs next to nothing.

Example:
    >>> from destination import matches, parse_fql
    >>> matches(parse_fql('type = "track"'), {"type": "track"})
    True
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from destination.definition import (
        Action,
        ActionDestinationErrorResponse,
        ActionDestinationSuccessResponse,
        Authentication,
        DestinationDefinition,
        ExecuteInput,
        MultiStatusErrorReporter,
        MultiStatusResponse,
        Preset,
        Subscription,
        default_values,
        find,
        read_subscriptions,
        slugs,
        to_metadata,
    )
    from destination.error_codes import (
        CustomErrorCodes,
        ErrorCodes,
        HttpErrorCodes,
        error_code_from_http_status,
    )
    from destination.errors import (
        APIError,
        CollectorRejectedError,
        ConnectionError,
        DefinitionError,
        DestinationError,
        DroppedRequestError,
        EngineTypeError,
        FQLSyntaxError,
        HTTPError,
        IntegrationError,
        InvalidAudienceMembershipError,
        InvalidAuthenticationError,
        MappingError,
        MappingValidationError,
        PayloadValidationError,
        RedirectError,
        RequestClientError,
        RequestLike,
        RequestTimeoutError,
        ResponseLike,
        RetryableError,
        SchemaValidationError,
        SelfTimeoutError,
        TimeoutError,
        is_retryable,
    )
    from destination.event import (
        Event,
        NotAnEventError,
        as_event,
    )
    from destination.fields import (
        CleanAndValidate,
        CompiledFields,
        Conditions,
        GlobalSetting,
        InputField,
        Payload,
        PayloadTrace,
        PayloadView,
        Settings,
        ValidationFinding,
        Validator,
        compile_fields,
        compile_fields_schema,
        compile_schema,
        field,
        fields_to_json_schema,
        load_fields,
        remove_empty_values,
        setting,
        validate_schema,
    )
    from destination.fql import (
        Condition,
        ErrorCondition,
        GroupCondition,
        Token,
        TokenType,
        Trace,
        Trigger,
        UnknownConditionError,
        compile_condition,
        compile_trigger,
        generate_fql,
        matches,
        parse_fql,
        tokenize,
        trace_condition,
    )
    from destination.mapping import (
        CompiledMapping,
        FieldTrace,
        Problem,
        Read,
        array_path,
        case,
        compile_mapping,
        exclude_when_null,
        extensions_used,
        flatten,
        if_blank,
        if_exists,
        jinja_template,
        json_decode,
        json_encode,
        jsonpath,
        liquid_template,
        literal,
        merge,
        path,
        remove_undefined,
        replace,
        template,
        transform,
        transform_batch,
        transformed,
        validate_mapping,
    )
    from destination.request import (
        DEFAULT_TIMEOUT_MS,
        MAX_REDIRECTS,
        REDACTED,
        REDACTED_HEADERS,
        USER_AGENT,
        AbortSignal,
        AfterResponse,
        BeforeRequest,
        Headers,
        HeadersInput,
        HttpxTransport,
        MockTransport,
        MoreOptions,
        PendingRequest,
        Request,
        RequestClient,
        RequestOptions,
        Response,
        SearchParams,
        SearchParamsInput,
        Stopped,
        Transport,
        Url,
        check_dropped,
        create_request_client,
        dropped,
        merge_headers,
        merge_options,
        normalise_url,
        parse_url,
        public_url,
        redact_headers,
        requests_of,
        resolve_url,
        run_to_first_request,
        settle,
    )
    from destination.runtime import (
        MAX_SUBSCRIPTIONS,
        Destination,
        EventResult,
        Instance,
        Outcome,
        Plan,
        Redactor,
    )
    from destination.values import (
        MISSING,
        WHITESPACE,
        Missing,
        TooDeeplyNestedError,
        add,
        as_double,
        compare,
        deep_equals,
        equals_blank,
        from_units,
        get_property,
        is_bmp,
        is_index,
        is_number,
        join_array,
        join_text,
        number_to_string,
        ordered,
        ordered_items,
        ordered_keys,
        parse_date,
        quote,
        read_json,
        real_type_of,
        spread,
        strict_equals,
        string_to_number,
        stringify,
        to_number,
        to_string,
        to_units,
        trim,
        truthy,
        type_of,
        utf16_length,
        utf16_slice,
        write_json,
    )

__version__ = "0.1.0"

_HOMES = {
    "values": """
        MISSING WHITESPACE Missing TooDeeplyNestedError add as_double compare deep_equals equals_blank
        from_units get_property is_bmp is_index is_number join_array join_text number_to_string ordered
        ordered_items ordered_keys parse_date quote read_json real_type_of spread strict_equals
        string_to_number stringify to_number to_string to_units trim truthy type_of utf16_length utf16_slice
        write_json
    """,
    "error_codes": """
        CustomErrorCodes ErrorCodes HttpErrorCodes error_code_from_http_status
    """,
    "errors": """
        APIError CollectorRejectedError ConnectionError DefinitionError DestinationError DroppedRequestError
        EngineTypeError FQLSyntaxError HTTPError IntegrationError InvalidAudienceMembershipError
        InvalidAuthenticationError MappingError MappingValidationError PayloadValidationError RedirectError
        RequestClientError RequestLike RequestTimeoutError ResponseLike RetryableError SchemaValidationError
        SelfTimeoutError TimeoutError is_retryable
    """,
    "event": """
        Event NotAnEventError as_event
    """,
    "fql": """
        Condition ErrorCondition GroupCondition Token TokenType Trace Trigger UnknownConditionError
        compile_condition compile_trigger generate_fql matches parse_fql tokenize trace_condition
    """,
    "mapping": """
        CompiledMapping FieldTrace Problem Read array_path case compile_mapping exclude_when_null
        extensions_used flatten if_blank if_exists jinja_template json_decode json_encode jsonpath
        liquid_template literal merge path remove_undefined replace template transform transform_batch
        transformed validate_mapping
    """,
    "fields": """
        CleanAndValidate CompiledFields Conditions GlobalSetting InputField Payload PayloadTrace PayloadView
        Settings ValidationFinding Validator compile_fields compile_fields_schema compile_schema field
        fields_to_json_schema load_fields remove_empty_values setting validate_schema
    """,
    "request": """
        DEFAULT_TIMEOUT_MS MAX_REDIRECTS REDACTED REDACTED_HEADERS USER_AGENT AbortSignal AfterResponse
        BeforeRequest Headers HeadersInput HttpxTransport MockTransport MoreOptions PendingRequest Request
        RequestClient RequestOptions Response SearchParams SearchParamsInput Stopped Transport Url
        check_dropped create_request_client dropped merge_headers merge_options normalise_url parse_url
        public_url redact_headers requests_of resolve_url run_to_first_request settle
    """,
    "definition": """
        Action ActionDestinationErrorResponse ActionDestinationSuccessResponse Authentication
        DestinationDefinition ExecuteInput MultiStatusErrorReporter MultiStatusResponse Preset Subscription
        default_values find read_subscriptions slugs to_metadata
    """,
    "runtime": """
        MAX_SUBSCRIPTIONS Destination EventResult Instance Outcome Plan Redactor
    """,
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = [
    "DEFAULT_TIMEOUT_MS",
    "MAX_REDIRECTS",
    "MAX_SUBSCRIPTIONS",
    "MISSING",
    "REDACTED",
    "REDACTED_HEADERS",
    "USER_AGENT",
    "WHITESPACE",
    "APIError",
    "AbortSignal",
    "Action",
    "ActionDestinationErrorResponse",
    "ActionDestinationSuccessResponse",
    "AfterResponse",
    "Authentication",
    "BeforeRequest",
    "CleanAndValidate",
    "CollectorRejectedError",
    "CompiledFields",
    "CompiledMapping",
    "Condition",
    "Conditions",
    "ConnectionError",
    "CustomErrorCodes",
    "DefinitionError",
    "Destination",
    "DestinationDefinition",
    "DestinationError",
    "DroppedRequestError",
    "EngineTypeError",
    "ErrorCodes",
    "ErrorCondition",
    "Event",
    "EventResult",
    "ExecuteInput",
    "FQLSyntaxError",
    "FieldTrace",
    "GlobalSetting",
    "GroupCondition",
    "HTTPError",
    "Headers",
    "HeadersInput",
    "HttpErrorCodes",
    "HttpxTransport",
    "InputField",
    "Instance",
    "IntegrationError",
    "InvalidAudienceMembershipError",
    "InvalidAuthenticationError",
    "MappingError",
    "MappingValidationError",
    "Missing",
    "MockTransport",
    "MoreOptions",
    "MultiStatusErrorReporter",
    "MultiStatusResponse",
    "NotAnEventError",
    "Outcome",
    "Payload",
    "PayloadTrace",
    "PayloadValidationError",
    "PayloadView",
    "PendingRequest",
    "Plan",
    "Preset",
    "Problem",
    "Read",
    "Redactor",
    "RedirectError",
    "Request",
    "RequestClient",
    "RequestClientError",
    "RequestLike",
    "RequestOptions",
    "RequestTimeoutError",
    "Response",
    "ResponseLike",
    "RetryableError",
    "SchemaValidationError",
    "SearchParams",
    "SearchParamsInput",
    "SelfTimeoutError",
    "Settings",
    "Stopped",
    "Subscription",
    "TimeoutError",
    "Token",
    "TokenType",
    "TooDeeplyNestedError",
    "Trace",
    "Transport",
    "Trigger",
    "UnknownConditionError",
    "Url",
    "ValidationFinding",
    "Validator",
    "add",
    "array_path",
    "as_double",
    "as_event",
    "case",
    "check_dropped",
    "compare",
    "compile_condition",
    "compile_fields",
    "compile_fields_schema",
    "compile_mapping",
    "compile_schema",
    "compile_trigger",
    "create_request_client",
    "deep_equals",
    "default_values",
    "dropped",
    "equals_blank",
    "error_code_from_http_status",
    "exclude_when_null",
    "extensions_used",
    "field",
    "fields_to_json_schema",
    "find",
    "flatten",
    "from_units",
    "generate_fql",
    "get_property",
    "if_blank",
    "if_exists",
    "is_bmp",
    "is_index",
    "is_number",
    "is_retryable",
    "jinja_template",
    "join_array",
    "join_text",
    "json_decode",
    "json_encode",
    "jsonpath",
    "liquid_template",
    "literal",
    "load_fields",
    "matches",
    "merge",
    "merge_headers",
    "merge_options",
    "normalise_url",
    "number_to_string",
    "ordered",
    "ordered_items",
    "ordered_keys",
    "parse_date",
    "parse_fql",
    "parse_url",
    "path",
    "public_url",
    "quote",
    "read_json",
    "read_subscriptions",
    "real_type_of",
    "redact_headers",
    "remove_empty_values",
    "remove_undefined",
    "replace",
    "requests_of",
    "resolve_url",
    "run_to_first_request",
    "setting",
    "settle",
    "slugs",
    "spread",
    "strict_equals",
    "string_to_number",
    "stringify",
    "template",
    "to_metadata",
    "to_number",
    "to_string",
    "to_units",
    "tokenize",
    "trace_condition",
    "transform",
    "transform_batch",
    "transformed",
    "trim",
    "truthy",
    "type_of",
    "utf16_length",
    "utf16_slice",
    "validate_mapping",
    "validate_schema",
    "write_json",
]


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'destination' has no attribute {name!r}")
    value = getattr(import_module(f"destination.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
