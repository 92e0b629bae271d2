"""Tests mappings with cases in data files: an event, and the result that is expected.

`document` reads the values of a file with their positions. `model` makes a `CaseFile` of them. `check` runs a case and
compares the result. `record` finds the values of the file to change, and changes them. `items` makes pytest's items.
"""

from destination.testing.cases.check import check_case, found_in
from destination.testing.cases.document import CaseFileError
from destination.testing.cases.model import Case, CaseFile, read_cases

__all__ = ["Case", "CaseFile", "CaseFileError", "check_case", "found_in", "read_cases"]
