"""Compiles a JSON Schema into a validator that behaves as Segment's ajv does."""

from destination.fields.validation.findings import Finding, ValidationFinding, for_people
from destination.fields.validation.validator import EXEMPT, Validator, compile_schema, validate_schema

__all__ = ["EXEMPT", "Finding", "ValidationFinding", "Validator", "compile_schema", "for_people", "validate_schema"]
