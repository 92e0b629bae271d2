import json

from destination.catalog.absmartly import absmartly
from destination.fql import matches, parse_fql
from destination.workbench.lint import lint
from tests.workbench.lint.examples import codes, found, subscription


def test_an_overlap_shows_an_event_that_both_take() -> None:
    one, two = 'type = "track" and contains(event, "Order")', 'type = "track" and properties.total > 100'
    (finding,) = found(subscription(one), subscription(two, "Two"))
    assert (finding.code, finding.subscription, finding.index) == ("O001", "Two", 1)
    assert "'One'" in finding.message
    event = json.loads(finding.message[finding.message.index("{") :])
    assert matches(parse_fql(one), event)
    assert matches(parse_fql(two), event)


def test_a_proof_stands_in_the_report_and_is_no_finding() -> None:
    report = lint(
        absmartly,
        [subscription('type = "page"', "Pages"), subscription('type = "screen"', "Screens")],
        ignore=["E001"],
    )
    assert report.findings == ()
    (proof,) = report.disjoint
    assert (proof.one, proof.other) == ("Pages", "Screens")
    assert proof.reason == 'no event passes type = "page" and type = "screen"'


def test_subscriptions_of_different_actions_do_not_overlap() -> None:
    exposure = subscription('type = "page"', "Two", partner_action="trackExposure", mapping={"exposure": {}})
    assert codes(subscription('type = "page"'), exposure, select=["O"]) == []


def test_disabled_subscriptions_and_those_that_match_nothing_do_not_overlap() -> None:
    page = subscription('type = "page"')
    off = subscription('type = "page"', "Off", enabled=False)
    never = subscription('type = "page" and type = "track"', "Never")
    broken = subscription("type", "Broken")
    assert codes(page, off, never, broken, select=["O"]) == []


def test_what_is_neither_shown_nor_proved_is_reported() -> None:
    text = subscription(r'match(properties.a, "abc*") and contains(properties.a, "d")')
    long = subscription("properties.a.length > 5000 and properties.a.length < 5002", "Long")
    (finding,) = found(text, long, select=["O"])
    assert finding.code == "O002"
    assert "a length that is no small number" in finding.message


def test_an_index_counts_disabled_subscriptions() -> None:
    off = subscription("nonsense", "Off", enabled=False)
    (finding,) = found(off, subscription("type"))
    assert finding.index == 1


def test_types_that_nothing_matches_are_reported_together() -> None:
    report = lint(absmartly, [subscription('type != "page" and event != "Experiment Viewed"')], select=["E"])
    (finding,) = report.findings
    assert finding.message == "no enabled subscription matches events of the type page"
    assert (finding.subscription, finding.index) == (None, None)


def test_no_subscriptions_take_nothing() -> None:
    (finding,) = lint(absmartly, []).findings
    assert "track, page, screen, identify, group, alias" in finding.message
