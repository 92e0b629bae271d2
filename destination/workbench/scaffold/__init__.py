"""Makes the files of a new destination, a package of its own, from templates.

`files_of` returns the texts by path, and `write_files` writes them into a folder. Each template is in this folder under
the name of the file that it makes, with `.jinja` added.
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
