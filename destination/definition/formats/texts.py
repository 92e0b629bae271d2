"""Writes subscriptions as the text of a file, in each form, and says what a form cannot carry."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal, TypeAlias

from destination.definition.subscription import Subscription

TextForm: TypeAlias = Literal["runtime", "public-api", "terraform", "python"]
"""A form of a file: JSON of Segment's runtime or its Public API, Terraform, or Python code."""

_NOT_CARRIED: Final[Mapping[str, Mapping[str, str]]] = {
    "runtime": {},
    "public-api": {"project_id": "the identifier of the source (ProjectID)"},
    "terraform": {
        "id": "its own identifier (id), which Terraform gets by an import",
        "project_id": "the identifier of the source (ProjectID)",
        "config_id": "the identifier of the destination, which becomes a variable without a value",
        "model_id": "the identifier of the Reverse ETL model, which becomes a variable without a value",
    },
    "python": {},
}


def to_text(subscriptions: Iterable[Subscription], form: TextForm, *, prefix: str = "") -> str:
    r"""Writes subscriptions as the text of a file.

    Args:
        subscriptions: The subscriptions.
        form: The form.
        prefix: What the names of Terraform's resources and variables begin with.

    Raises:
        NotPortableError: A mapping uses a directive that Segment does not know; names the subscription.
        DefinitionError: A subscription cannot be written in this form.

    Example:
        >>> pages = Subscription(name="Pages", subscribe='type = "page"', partner_action="trackGoal")
        >>> print(to_text([pages], "runtime"))
        [
          {
            "name": "Pages",
            "enabled": true,
            "partnerAction": "trackGoal",
            "subscribe": "type = \"page\"",
            "mapping": {}
          }
        ]
        <BLANKLINE>
    """
    checked = list(subscriptions)
    if form == "terraform":
        from destination.definition.formats.terraform import to_terraform

        return to_terraform(checked, prefix=prefix)
    if form == "python":
        from destination.definition.formats.python_code import to_python

        return to_python(checked)
    from destination.definition.formats.public_api import write_subscriptions
    from destination.values import write_json
    from destination.values.printable import indent_json

    return indent_json(write_json(write_subscriptions(checked, form)).decode("utf-8")) + "\n"


def not_carried(subscriptions: Iterable[Subscription], form: TextForm) -> Iterator[str]:
    """Yields a line for each member of a subscription that a form has no key for.

    Example:
        >>> list(not_carried([Subscription(name="A", subscribe="", partner_action="a", project_id="p")], "public-api"))
        ['A: public-api cannot carry the identifier of the source (ProjectID)']
    """
    for index, subscription in enumerate(subscriptions):
        for member, what in _NOT_CARRIED[form].items():
            if getattr(subscription, member):
                yield f"{subscription.name or f'subscription {index}'}: {form} cannot carry {what}"
