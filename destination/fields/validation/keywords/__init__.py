"""The keywords of JSON Schema draft 7 in the schemas of fields, grouped by the type of data that they test."""
