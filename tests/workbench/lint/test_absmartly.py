"""ABsmartly's own rules, on its presets, their variants, and what one makes of them."""

from dataclasses import replace

import pytest

from destination.catalog.absmartly import absmartly
from destination.definition import Subscription
from destination.presets.absmartly import presets, variants
from destination.workbench.lint import lint

PRESETS = {preset.name: preset.subscription() for preset in presets}
VARIANTS = {preset.name: preset.subscription() for preset in variants}


def reported(*subscriptions: Subscription) -> list[tuple[str, str | None]]:
    report = lint(absmartly, subscriptions, ignore=["E001"])
    return [(finding.code, finding.subscription) for finding in report.findings]


def test_the_presets_have_nothing_but_what_is_true_of_exposures() -> None:
    report = lint(absmartly)
    assert [(finding.code, finding.severity) for finding in report.findings] == [
        ("E001", "info"),
        ("ABS001", "info"),
        ("ABS002", "info"),
    ]
    assert {(proof.one, proof.other) for proof in report.disjoint} == {
        ("Track Calls", "Page Calls"),
        ("Track Calls", "Screen Calls"),
        ("Page Calls", "Screen Calls"),
    }


@pytest.mark.parametrize("name", VARIANTS)
def test_each_variant_has_no_errors_and_no_warnings(name: str) -> None:
    report = lint(absmartly, [VARIANTS[name]])
    assert [finding for finding in report.findings if finding.severity != "info"] == []


def test_a_preset_beside_its_variant_takes_events_twice() -> None:
    both = (PRESETS["Page Calls"], VARIANTS["Page Calls (home_pageview)"])
    assert reported(*both) == [("O001", "Page Calls (home_pageview)")]


def test_exposures_in_absmartly_are_read_by_the_variant_that_reads_either() -> None:
    assert ("ABS001", "Exposures (Verbatim)") in reported(PRESETS["Exposures (Verbatim)"])
    assert reported(VARIANTS["Exposures (exposure or absmartly)"]) == [("ABS002", "Exposures (exposure or absmartly)")]


def test_beside_an_event_logger_the_variant_with_a_condition_takes_only_exposures() -> None:
    assert reported(VARIANTS["Exposures (beside the event logger)"]) == [
        ("ABS001", "Exposures (beside the event logger)")
    ]


def test_without_exposures_there_is_no_trap() -> None:
    assert reported(PRESETS["Track Calls"]) == []
    assert reported(replace(PRESETS["Exposures (Verbatim)"], enabled=False)) == []


def test_exposures_that_are_sent_as_goals_are_reported() -> None:
    assert reported(replace(PRESETS["Track Calls"], subscribe='type = "track"')) == [("ABS003", "Track Calls")]


def test_broken_subscriptions_are_reported_by_other_rules() -> None:
    broken = replace(PRESETS["Exposures (Verbatim)"], mapping={"exposure": {"@path": 5}})
    assert reported(broken) == [("M001", "Exposures (Verbatim)")]
    assert reported(replace(broken, subscribe="type")) == [
        ("T001", "Exposures (Verbatim)"),
        ("M001", "Exposures (Verbatim)"),
    ]
