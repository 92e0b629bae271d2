from destination.error_codes import CustomErrorCodes, ErrorCodes, HttpErrorCodes, error_code_from_http_status


def _codes(cls: type) -> dict[str, str]:
    return {name: value for name, value in vars(cls).items() if name.isupper()}


def test_a_code_is_its_own_name() -> None:
    for name, value in (_codes(HttpErrorCodes) | _codes(CustomErrorCodes)).items():
        assert name == value


def test_there_are_as_many_codes_as_in_segments_runtime() -> None:
    assert len(_codes(HttpErrorCodes)) == 66
    assert len(_codes(CustomErrorCodes)) == 12
    assert not _codes(HttpErrorCodes).keys() & _codes(CustomErrorCodes).keys()


def test_error_codes_are_all_of_them() -> None:
    for name, value in (_codes(HttpErrorCodes) | _codes(CustomErrorCodes)).items():
        assert getattr(ErrorCodes, name) == value


def test_every_http_code_stands_for_one_status() -> None:
    found = [error_code_from_http_status(status) for status in range(1000)]
    known = [code for code in found if code != "UNKNOWN_ERROR"]
    assert len(known) == len(set(known))
    assert set(known) == set(_codes(HttpErrorCodes).values())


def test_statuses_as_in_segments_runtime() -> None:
    expected = {
        200: "OK",
        226: "IM_USED",
        301: "MOVED_PERMENANTLY",  # the spelling is Segment's
        400: "BAD_REQUEST",
        408: "REQUEST_TIMEOUT",
        418: "IM_A_TEAPOT",
        429: "TOO_MANY_REQUESTS",
        499: "CANCELLED",
        501: "NOT_IMPLEMENTED",
        509: "BANDWIDTH_LIMIT_EXCEEDED",
        529: "SITE_IS_OVERLOADED",
    }
    assert {status: error_code_from_http_status(status) for status in expected} == expected


def test_unknown_statuses() -> None:
    for status in (-1, 0, 99, 299, 419, 420, 499 + 100, 1000):
        assert error_code_from_http_status(status) == ErrorCodes.UNKNOWN_ERROR
