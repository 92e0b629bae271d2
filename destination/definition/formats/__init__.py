"""Segment's formats: subscriptions as JSON and Terraform, destinations as metadata."""

from typing import TYPE_CHECKING

from destination.late import late_names

if TYPE_CHECKING:
    from destination.definition.formats.metadata_in import PublicDefinition, from_metadata
    from destination.definition.formats.metadata_out import to_metadata
    from destination.definition.formats.public_api import (
        SubscriptionForm,
        check_portable,
        has_next_page,
        is_terraform_json,
        to_portable,
        to_public_api,
        write_subscriptions,
    )
    from destination.definition.formats.python_code import to_python
    from destination.definition.formats.terraform import to_terraform
    from destination.definition.formats.terraform_in import TerraformError, from_terraform

__getattr__ = late_names(
    globals(),
    {
        "destination.definition.formats.metadata_in": "PublicDefinition from_metadata",
        "destination.definition.formats.metadata_out": "to_metadata",
        "destination.definition.formats.public_api": "SubscriptionForm check_portable has_next_page is_terraform_json "
        "to_portable to_public_api write_subscriptions",
        "destination.definition.formats.python_code": "to_python",
        "destination.definition.formats.terraform": "to_terraform",
        "destination.definition.formats.terraform_in": "TerraformError from_terraform",
    },
)

__all__ = [
    "PublicDefinition",
    "SubscriptionForm",
    "TerraformError",
    "check_portable",
    "from_metadata",
    "from_terraform",
    "has_next_page",
    "is_terraform_json",
    "to_metadata",
    "to_portable",
    "to_public_api",
    "to_python",
    "to_terraform",
    "write_subscriptions",
]
