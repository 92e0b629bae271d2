import pytest

from destination.errors import FQLSyntaxError
from destination.fql import TokenType, tokenize
from destination.fql.lexer import MAX_LENGTH


def words(source: str) -> list[tuple[str, str]]:
    return [(str(token.type), token.value) for token in tokenize(source)][:-1]


def failure(source: str) -> tuple[str, int | None]:
    with pytest.raises(FQLSyntaxError) as caught:
        tokenize(source)
    assert caught.value.source == source
    return str(caught.value), caught.value.offset


def test_tokens_carry_their_place() -> None:
    source = 'type != "🎉🎉" \n and x'
    assert [(token.value, token.start, token.end) for token in tokenize(source)] == [
        ("type", 0, 4),
        ("!=", 5, 7),
        ('"🎉🎉"', 8, 12),
        ("and", 15, 18),
        ("x", 19, 20),
        ("eos", 20, 20),
    ]


def test_empty_text_is_its_end() -> None:
    assert [(token.type, token.start) for token in tokenize("")] == [(TokenType.EOS, 0)]


def test_punctuation_and_operators() -> None:
    assert words("= != < <= > >= , ( ) [ ] .") == [
        ("operator", "="),
        ("operator", "!="),
        ("operator", "<"),
        ("operator", "<="),
        ("operator", ">"),
        ("operator", ">="),
        ("comma", ","),
        ("parenleft", "("),
        ("parenright", ")"),
        ("brackleft", "["),
        ("brackright", "]"),
        ("dot", "."),
    ]


def test_negation_is_an_operator_before_a_letter_or_a_parenthesis() -> None:
    assert words("!a !(") == [("operator", "!"), ("ident", "a"), ("operator", "!"), ("parenleft", "(")]
    assert failure("! a") == ("expected '=' after '!', got ' '", 0)
    assert failure("a !") == ("expected '=' after '!', got '-1'", 2)


def test_not_equals_needs_a_space_behind_it() -> None:
    assert failure('event !="a"') == ("expected '=' after '!', got '='", 6)
    assert words('event!= "a"') == [("ident", "event"), ("operator", "!="), ("string", '"a"')]


def test_less_or_equal_without_a_space_is_two_operators() -> None:
    assert words("a <=5") == [("ident", "a"), ("operator", "<"), ("operator", "="), ("number", "5")]


def test_keywords_end_at_a_terminator() -> None:
    assert words("and or null") == [("conditional", "and"), ("conditional", "or"), ("null", "null")]
    assert words("and) order ] nullx") == [
        ("conditional", "and"),
        ("parenright", ")"),
        ("ident", "order"),
        ("brackright", "]"),
        ("ident", "nullx"),
    ]
    assert words("and(") == [("ident", "and"), ("parenleft", "(")]
    assert words("a] an] nul ") == [
        ("ident", "a"),
        ("brackright", "]"),
        ("ident", "an"),
        ("brackright", "]"),
        ("ident", "nul"),
    ]


@pytest.mark.parametrize(
    ("source", "value"), [("a", "a"), ("an", "a"), ("a(", "a"), ('a"', "a"), ("nu", "n"), ("n🎉", "n"), ("nul", "n")]
)
def test_short_word_at_the_end_loses_its_rest(source: str, value: str) -> None:
    assert words(source) == [("ident", value)]
    assert tokenize(source)[0].end == len(source)


def test_closing_quote_without_terminator_opens_the_next_string() -> None:
    assert words('"track"and event = "a"') == [("string", '"track"'), ("string", '"and event = "'), ("string", '"a"')]
    assert words("'a'b'") == [("string", "'a'"), ("string", "'b'")]
    assert words('""""') == [("string", '""')] * 3


def test_string_may_hold_anything_but_its_quote() -> None:
    assert words('"it\'s\r\n\\" \'a "b"\'') == [("string", '"it\'s\r\n\\"'), ("string", "'a \"b\"'")]
    assert failure('a = "x') == ("unterminated string", 4)


def test_numbers() -> None:
    assert words("5 -5 +5 -.5 - 007 1.5,5abc") == [
        ("number", "5"),
        ("number", "-5"),
        ("number", "+5"),
        ("number", "-.5"),
        ("number", "-"),
        ("number", "007"),
        ("number", "1.5"),
        ("comma", ","),
        ("number", "5"),
        ("ident", "abc"),
    ]
    assert words("1.x") == [("number", "1."), ("ident", "x")]


def test_decimal_points_must_stand_between() -> None:
    message = "unexpected terminator after decimal point"
    assert failure("1.") == failure("1.)") == (message, 1)
    assert failure("1.2.") == (message, 3)
    assert failure("1..2") == ("multiple decimal points in one number", 2)


def test_backslash_takes_any_character_into_an_identifier() -> None:
    assert words("\\a\\ b\\\n\\.") == [("ident", "a b\n.")]
    assert words("\\null") == [("ident", "null")]
    assert failure("x \\") == failure("xb\\") == ("expected character after escape character, got EOS", 2)


def test_identifier_needs_a_terminator() -> None:
    assert words("_b-1(c=d!= ") == [
        ("ident", "_b-1"),
        ("parenleft", "("),
        ("ident", "c"),
        ("operator", "="),
        ("ident", "d"),
        ("operator", "!="),
    ]
    assert failure("bc<5") == ("expected termination character after identifier, got <", 2)
    assert failure("b\u00e9x") == ("expected termination character after identifier, got \u00e9", 1)


def test_characters_beyond_the_basic_plane_are_two_units() -> None:
    assert failure("\\🎉 = 1") == ("expected termination character after identifier, got \udf89", 1)
    assert failure('"🎉" 🎉') == ('invalid character "\ud83c"', 4)
    assert failure("nx🎉") == ("expected termination character after identifier, got \ud83c", 2)
    assert words("\\\ud83c\\\udf89") == [("ident", "🎉")]


def test_other_characters_are_refused() -> None:
    for character in "\r\u00a0~#$%&*/:;?@^`{|}é":
        assert failure(f"a  {character}") == (f'invalid character "{character}"', 3)


@pytest.mark.parametrize("length", [MAX_LENGTH - 1, MAX_LENGTH])
def test_literals_have_a_longest_length(length: int) -> None:
    literals = {
        "unreasonable string length": ['"' + "x" * length + '"', "'" + "🎉" * (length // 2) + "x" * (length % 2) + "'"],
        "unreasonable number length": ["-" + "1" * length],
        "unreasonable literal length": ["b" * length, "\\b" * length],
    }
    for message, sources in literals.items():
        for source in sources:
            if length < MAX_LENGTH:
                assert len(words(source)) == 1
            else:
                assert failure(source) == (message, 0)
