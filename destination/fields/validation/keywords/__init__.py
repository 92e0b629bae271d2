"""The keywords of JSON Schema draft 7 that the schemas of fields are made of, by the data they look at."""
