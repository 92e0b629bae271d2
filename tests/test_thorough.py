"""Which tests a run takes, and how many examples a property test takes in it."""

from pathlib import Path

import pytest
from hypothesis import settings

from tests.thorough import examples, some

CONFTEST = Path(__file__).with_name("conftest.py")
TESTS = """
    import pytest
    from hypothesis import given, settings, strategies as st

    def test_small(): pass

    @pytest.mark.thorough
    def test_long(): pass

    @pytest.mark.live
    @pytest.mark.thorough
    def test_long_live(): pass

    @given(st.integers())
    def test_property(number): pass
"""


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        ((), ["test_small", "test_property"]),
        (("--thorough",), ["test_small", "test_long", "test_long_live", "test_property"]),
        (("-m", "thorough"), ["test_long", "test_long_live", "test_property"]),
        (("-m", "not thorough"), ["test_small", "test_property"]),
        (("-m", "live"), []),
        (("-m", "live", "--thorough"), ["test_long_live"]),
        (("test_some.py::test_long",), ["test_long"]),
        (("-k", "long"), []),
    ],
    ids=lambda value: " ".join(value) or "none",
)
def test_thorough_tests_run_only_where_they_are_wanted(
    pytester: pytest.Pytester, arguments: tuple[str, ...], names: list[str]
) -> None:
    pytester.makeconftest(CONFTEST.read_text(encoding="utf-8"))
    pytester.makepyfile(test_some=TESTS)
    pytester.makeini("[pytest]\nmarkers =\n    live\n    thorough")
    before = settings.get_current_profile_name()
    try:
        passed, skipped, failed = pytester.inline_run(*arguments).listoutcomes()
    finally:
        settings.load_profile(before)
    assert [report.nodeid.rpartition("::")[2] for report in passed] == names
    assert (skipped, failed) == ([], [])


def test_property_tests_take_many_examples_in_a_thorough_run_only() -> None:
    before = settings.get_current_profile_name()
    counts = []
    try:
        for name in ("exploring", "thorough exploring", "ci", "thorough ci"):
            settings.load_profile(name)
            counts.append((settings().max_examples, examples(400), examples(40), examples(4)))
    finally:
        settings.load_profile(before)
    assert counts == [(20, 50, 10, 4), (100, 400, 40, 4)] * 2


def test_some_parameters_run_always_and_the_others_in_a_thorough_run() -> None:
    def quick(every: int) -> list[int]:
        return [value for value in some(range(7), every=every) if isinstance(value, int)]

    assert quick(3) == [0, 3, 6]
    assert quick(0) == [0]
    left_out = some([("a", 1), ("b", 2)])[1]
    assert left_out.values == ("b", 2)
    assert [mark.name for mark in left_out.marks] == ["thorough"]
