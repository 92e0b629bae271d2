"""Dates, formats and zones.

The outcomes are recorded from liquidjs 10.27.2 as Segment configures it.
"""

from typing import Any

import pytest

from tests.mapping.liquid.rendering import EVENT, failure, render

DATE_FORMATS_EVENT: dict[str, Any] = {
    "d": "2023-05-06T07:08:09.123Z",
    "ts": 1672531199,
    "old": -62150000000,
    "bad": "2023-13-45",
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{ d | date: "%Y-%m-%d %H:%M:%S.%L" }}', "2023-05-06 07:08:09.123"),
        (
            '{{ d | date: "%a %A %b %B %h %y %C %e %j %k %l %I %p %P" }}',
            "Sat Saturday May May May 23 20  6 126  7  7 07 AM am",
        ),
        (
            '{{ d | date: "%s %u %w %U %W %q %N %3N %12N %% %t%n" }}',
            "1683356889 6 6 17 17 th 123000000 123 123000000000 % \t\n",
        ),
        ('{{ d | date: "%c|%x|%X|%z|%:z|%Z" }}', "5/6/2023, 7:08:09 AM|5/6/2023|7:08:09 AM|+0000|+00:00|UTC"),
        ("{{ d | date }}", "Saturday, May 6, 2023 at 7:08 am +0000"),
        ("{{ d | date: nil }}", "Saturday, May 6, 2023 at 7:08 am +0000"),
        ('{{ d | date: "" }}', ""),
    ],
)
def test_date_formats(template: str, expected: str) -> None:
    assert render(template, DATE_FORMATS_EVENT) == expected


DATE_FLAGS_AND_WIDTHS_EVENT: dict[str, Any] = {
    "d": "2023-05-06T07:08:09.123Z",
    "ts": 1672531199,
    "old": -62150000000,
    "bad": "2023-13-45",
    "x": "%\n%1\u2028%🎉",
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (
            '{{ d | date: "%-d %_d %^b %#b %#p %05d %_5m %10A|%-10A %010A %_H %0e %^-a" }}',
            "6  6 MAY MAY am 00006     5   Saturday|Saturday 00Saturday  7 06 SAT",
        ),
        ('{{ d | date: "%E %O %EY %Od %i %1 %- %" }}', "%E %O 2023 06 %i %1 %- %"),
        ("{{ d | date: x }}", "%\n%1\u2028%🎉"),
    ],
)
def test_date_flags_and_widths(template: str, expected: str) -> None:
    assert render(template, DATE_FLAGS_AND_WIDTHS_EVENT) == expected


WHAT_COUNTS_AS_A_DATE_EVENT: dict[str, Any] = {
    "d": "2023-05-06T07:08:09.123Z",
    "ts": 1672531199,
    "old": -62150000000,
    "bad": "2023-13-45",
    "x": ["2020-01-02"],
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{ ts | date: "%F%Y-%m-%d" }}', "%F2022-12-31"),
        ('{{ "1672531199" | date: "%Y" }}{{ "1672531199.5" | date: "%Y" }}', "20221672531199.5"),
        ('{{ true | date: "%L" }}{{ "1/2/99" | date: "%Y" }}{{ x | date: "%Y" }}', "00119992020"),
    ],
)
def test_what_counts_as_a_date(template: str, expected: str) -> None:
    assert render(template, WHAT_COUNTS_AS_A_DATE_EVENT) == expected


WHAT_IS_NO_DATE_STAYS_EVENT: dict[str, Any] = {
    "d": "2023-05-06T07:08:09.123Z",
    "ts": 1672531199,
    "old": -62150000000,
    "bad": "2023-13-45",
    "o": {},
    "nul": None,
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (
            (
                '{{ bad | date: "%Y" }}{{ nul | date: "%Y" }}{{ o | date: "%Y" }}{{ "" | date '
                "}}{{ missing | date_to_string }}"
            ),
            "2023-13-45[object Object]",
        ),
        (
            '{{ 1e300 | date: "%Y" }}{{ 8640000000001 | date: "%Y" }}{{ 8640000000000 | date: "%Y" }}',
            "8640000000001275760",
        ),
    ],
)
def test_what_is_no_date_stays(template: str, expected: str) -> None:
    assert render(template, WHAT_IS_NO_DATE_STAYS_EVENT) == expected


ZONES_BY_NAME_AND_BY_MINUTES_EVENT: dict[str, Any] = {
    "d": "2023-05-06T07:08:09.123Z",
    "ts": 1672531199,
    "old": -62150000000,
    "bad": "2023-13-45",
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{ d | date: "%H:%M %z %Z", "America/New_York" }}', "03:08 -0400 America/New_York"),
        ('{{ d | date: "%H:%M %z %Z", "asia/kolkata" }}', "12:38 +0530 asia/kolkata"),
        ('{{ d | date: "%H:%M %z %:z %Z", 90 }}', "05:38 -0130 -01:30 -0130"),
        ('{{ d | date: "%H:%M %z %Z", -90.5 }}', "08:38 +0130.5 +0130.5"),
        ('{{ d | date: "%H:%M %z %Z", "PST" }}', "00:08 -0700 PST"),
        ('{{ d | date: "%H:%M %z", nil }}{{ d | date: "%H:%M", true }}', "07:08 +000007:07"),
        ('{{ "2023-12-06T07:08:09Z" | date: "%H:%M %z", "America/New_York" }}', "02:08 -0500"),
    ],
)
def test_zones_by_name_and_by_minutes(template: str, expected: str) -> None:
    assert render(template, ZONES_BY_NAME_AND_BY_MINUTES_EVENT) == expected


UNKNOWN_ZONES_FAIL_EVENT: dict[str, Any] = {
    "d": "2023-05-06T07:08:09.123Z",
    "ts": 1672531199,
    "old": -62150000000,
    "bad": "2023-13-45",
}


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ('a {{ d | date: "%Y", "Mars/Base" }}', "Invalid time zone specified: Mars/Base, line:1, col:3"),
        ('{{ d | date: "%Y", "" }}{{ 1 }}', "Invalid time zone specified: , line:1, col:1"),
        ('{{ d | date: "%Y", "+08:00" }}', "Invalid time zone specified: +08:00, line:1, col:1"),
        ('{{ d | date: "%Y", "localtime" }}', "Invalid time zone specified: localtime, line:1, col:1"),
    ],
)
def test_unknown_zones_fail(template: str, message: str) -> None:
    assert failure(template, UNKNOWN_ZONES_FAIL_EVENT) == message


UNKNOWN_ZONE_BEYOND_ASCII_EVENT: dict[str, Any] = {
    "d": "2023-05-06T07:08:09.123Z",
    "ts": 1672531199,
    "old": -62150000000,
    "bad": "2023-13-45",
}


def test_unknown_zone_beyond_ascii() -> None:
    assert (
        failure('{{ d | date: "%Y", "日本" }}', UNKNOWN_ZONE_BEYOND_ASCII_EVENT)
        == "Invalid time zone specified: æ¥æ¬, line:1, col:1"
    )


UNKNOWN_ZONE_OF_NO_DATE_EVENT: dict[str, Any] = {
    "d": "2023-05-06T07:08:09.123Z",
    "ts": 1672531199,
    "old": -62150000000,
    "bad": "2023-13-45",
    "o": {},
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{ bad | date: "%Y", "Mars/Base" }}', "2023-13-45"),
        ('{{ d | date: "%Y", "x".y }}{{ d | date: "%Y", o }}', "20232023-05-06T07:08:09.123Z"),
    ],
)
def test_unknown_zone_of_no_date(template: str, expected: str) -> None:
    assert render(template, UNKNOWN_ZONE_OF_NO_DATE_EVENT) == expected


DATES_IN_WORDS_EVENT: dict[str, Any] = {
    "d": "2023-05-06T07:08:09.123Z",
    "ts": 1672531199,
    "old": -62150000000,
    "bad": "2023-13-45",
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (
            (
                "{{ d | date_to_string }}|{{ d | date_to_long_string }}|{{ d | date_to_string: "
                '"ordinal" }}|{{ d | date_to_long_string: "ordinal", "US" }}|{{ d | '
                "date_to_rfc822 }}|{{ d | date_to_xmlschema }}"
            ),
            (
                "06 May 2023|06 May 2023|6th May 2023|May 6th, 2023|Sat, 06 May 2023 07:08:09 "
                "+0000|2023-05-06T07:08:09+00:00"
            ),
        ),
        (
            (
                '{{ "2023-01-01" | date_to_string: "ordinal" }}|{{ "2023-01-02" | '
                'date_to_string: "ordinal" }}|{{ "2023-01-13" | date_to_string: "ordinal", '
                '"US" }}|{{ "2023-01-23" | date_to_string: "ordinal" }}'
            ),
            "1st Jan 2023|2nd Jan 2023|Jan 13th, 2023|23rd Jan 2023",
        ),
    ],
)
def test_dates_in_words(template: str, expected: str) -> None:
    assert render(template, DATES_IN_WORDS_EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{ -62160000000 | date: "%Y %m %d %j" }}', "0 03 24 083"),
        ('{{ -62162035200 | date: "%Y %m %d %j" }}', "0 03 01 060"),
    ],
)
def test_year_zero_has_no_leap_day(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{ -62135596800 | date: "%Y %y %C %U %W %c" }}', "1  1 00 00 1/1/1, 12:00:00 AM"),
        ('{{ -62198755200 | date: "%Y %y %C %U %W %x" }}', "-1  -1 00 00 1/1/2"),
        ('{{ 253402300800 | date: "%Y %U %W" }}', "10000 00 00"),
        ('{{ -8640000000000 | date: "%Y %U %W %j" }}', "-271821 NaN NaN 110"),
    ],
)
def test_weeks_of_the_first_century(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{ 300000000000 | date: "%c %z", "America/New_York" }}', "8/15/11476, 1:20:00 AM -0400"),
        ('{{ -62000000000 | date: "%c", "Asia/Tokyo" }}', "4/19/5, 7:05:39 PM"),
        ('{{ 8640000000000 | date: "%c", "Asia/Tokyo" }}', "8640000000000"),
        ('{{ -70000000000 | date: "%c", "Europe/London" }}', "10/15/250, 7:32:05 PM"),
    ],
)
def test_zones_of_far_years(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected
