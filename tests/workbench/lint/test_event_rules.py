import json

from destination.catalog.absmartly import absmartly
from destination.definition import Subscription
from destination.fql import Impossible, matches, parse_fql
from destination.workbench.lint import lint
from destination.workbench.lint.subject import make_subject
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


def test_comparing_only_pairs_with_a_common_type_and_name_leaves_nothing_out() -> None:
    texts = [
        'type = "track"',
        'type = "page"',
        'type = "identify" or type = "track"',
        'event = "A"',
        'type = "track" and (event = "A" or event = "B") and properties.n > 5',
        'type = "track" and event != "A"',
        'type != "track"',
        'type = "track" and match(event, "A*")',
        'type = "track" and type = "page"',
        "type =",
        'type = "alias" or event = "C"',
        'type = "track" and event = "C" and properties.n < 3',
    ]
    given = [
        Subscription(name=f"{action} {text}", subscribe=text, partner_action=action, mapping={})
        for text in texts
        for action in ("trackGoal", "trackExposure")
    ]
    subject = make_subject(absmartly, [(item.name, item) for item in given], None)
    compared = {(one.index, other.index) for one, other, _ in subject.pairs}
    left_out = [pair for pair in subject.all_pairs if (pair[0].index, pair[1].index) not in compared]
    assert left_out
    assert all(isinstance(found, Impossible) for _, _, found in left_out)
    assert len(compared) + len(left_out) == 2 * 11 * 10 // 2  # one of twelve matches nothing


def test_subscriptions_to_different_names_are_not_compared() -> None:
    given = [
        Subscription(
            name=name, subscribe=f'type = "track" and event = "{name}"', partner_action="trackGoal", mapping={}
        )
        for name in "ABCDEA"
    ]
    subject = make_subject(absmartly, [(item.name, item) for item in given], None)
    assert [(one.index, other.index) for one, other, _ in subject.pairs] == [(0, 5)]
