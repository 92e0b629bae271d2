"""A destination to begin with: the files of a package of its own, made from templates.

`files_of` gives the texts by their paths; `write_files` puts them into a folder. The templates stand beside this
file, under the names of what they make; a `.jinja` file can be imported by nobody.
"""

from destination.workbench.scaffold.files import AUTHENTICATIONS, Authentication, Scaffold, files_of, write_files
from destination.workbench.scaffold.names import MAX_NAME, NameRefusedError, check_name

__all__ = [
    "AUTHENTICATIONS",
    "MAX_NAME",
    "Authentication",
    "NameRefusedError",
    "Scaffold",
    "check_name",
    "files_of",
    "write_files",
]
