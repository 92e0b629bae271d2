"""Cases of mappings in data files: an event, and what must come out.

A file goes this way: `nodes` holds its values with their places, as `json_reader` or `yaml_reader` finds them;
`model` makes a `CaseFile` of that; `check` compares an instance with a case; `record` says which places of the file
to change, and `writer` changes them. `items` is what pytest sees of it.
"""

from destination.testing.cases.check import check_case, found_in
from destination.testing.cases.model import Case, CaseFile, read_cases
from destination.testing.cases.nodes import CaseFileError

__all__ = ["Case", "CaseFile", "CaseFileError", "check_case", "found_in", "read_cases"]
