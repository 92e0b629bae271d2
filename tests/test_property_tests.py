"""Property tests take the same examples in every run of CI, and new ones in a developer's runs."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

CONFTEST = Path(__file__).with_name("conftest.py")


@pytest.mark.thorough
def test_runs_of_ci_take_the_same_examples(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    pytester.makeconftest(CONFTEST.read_text(encoding="utf-8"))
    pytester.makepyfile("""
        from hypothesis import given, settings, strategies as st

        @settings(max_examples=20)
        @given(st.integers(), st.text())
        def test_examples(number, text):
            with open("examples.txt", "a", encoding="utf-8") as file:
                print(ascii((number, text)), file=file)
    """)
    runs = []
    for _ in range(2):
        assert pytester.runpytest_subprocess("-p", "no:cacheprovider").ret == 0
        examples = pytester.path / "examples.txt"
        runs.append(examples.read_text(encoding="utf-8").splitlines())
        examples.unlink()
    assert len(set(runs[0])) > 10
    assert runs[0] == runs[1]


@pytest.mark.parametrize("name", ["exploring", "ci"])
def test_no_profile_has_a_limit_in_time(name: str) -> None:
    profile = settings.get_profile(name)
    assert profile.deadline is None
    assert HealthCheck.too_slow in profile.suppress_health_check


def test_a_developers_runs_take_new_examples_and_keep_those_that_failed() -> None:
    profile = settings.get_profile("exploring")
    assert not profile.derandomize
    assert profile.database is not None
