"""Tests mappings by cases in data files: an event, and the result that is expected.

How a file is used: `document` reads its values with their positions; `model` makes a `CaseFile` of that; `check`
compares an instance with a case; `record` says which values of the file to change, and changes them. `items` is what
pytest sees of it.
"""

from destination.testing.cases.check import check_case, found_in
from destination.testing.cases.document import CaseFileError
from destination.testing.cases.model import Case, CaseFile, read_cases

__all__ = ["Case", "CaseFile", "CaseFileError", "check_case", "found_in", "read_cases"]
