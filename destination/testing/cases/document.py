"""Reads a file of cases: its text, and the line of each value."""

from dataclasses import field
from pathlib import Path
from typing import Any

from destination.records import dataclass
from destination.testing.compare import Path as ValuePath
from destination.testing.compare import pointer
from destination.values.positions import Node, PositionedError, YamlMissingError, read_json_nodes, read_yaml_nodes


class CaseFileError(Exception):
    """A file of cases cannot be used; the message has the file, the line, the fault and what to do.

    Example:
        >>> str(CaseFileError(Path("a.cases.yaml"), 3, "/cases/0: has no name; add one"))
        'a.cases.yaml:3: /cases/0: has no name; add one'
    """

    def __init__(self, path: Path, line: int | None, message: str) -> None:
        location = str(path) if line is None else f"{path}:{line}"
        super().__init__(f"{location}: {message}")


@dataclass(slots=True)
class Document:
    """The content of a file.

    Attributes:
        path: The path of the file.
        text: Its whole text.
        root: The value of the file, with positions.
        plain: The value of the file as plain Python.
    """

    path: Path
    text: str
    root: Node
    plain: Any = field(init=False)

    def __post_init__(self) -> None:
        self.plain = self.root.plain

    def node(self, path: ValuePath) -> Node | None:
        """Returns the value at a path; None if there is none."""
        node: Node | None = self.root
        for key in path:
            if node is None:
                return None
            if isinstance(key, str):
                member = (node.members or {}).get(key)
                node = None if member is None else member.node
            else:
                items = node.items or []
                node = items[key] if key < len(items) else None
        return node

    def line(self, path: ValuePath) -> int:
        """Returns the line of a value, or of the nearest object or list around it that exists."""
        while True:
            node = self.node(path)
            if node is not None:
                return node.line
            path = path[:-1]

    def error(self, path: ValuePath, message: str) -> CaseFileError:
        """Returns an error about a path in the file, for the caller to raise."""
        return CaseFileError(self.path, self.line(path), f"{pointer(path)}: {message}")


def read_document(path: Path) -> Document:
    """Reads a file with the position of each value, as JSON if its name ends in `.json`, else as YAML.

    Raises:
        CaseFileError: The file cannot be read.
    """
    try:
        text = path.read_bytes().decode()  # line ends as they are
    except OSError as error:
        raise CaseFileError(path, None, f"cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise CaseFileError(path, None, "is not UTF-8; save it as UTF-8") from None
    read = read_json_nodes if path.suffix == ".json" else read_yaml_nodes
    try:
        return Document(path, text, read(text))
    except PositionedError as error:
        raise CaseFileError(path, error.line, str(error)) from None
    except RecursionError:
        raise CaseFileError(path, 1, "is nested too deeply") from None
    except YamlMissingError:
        raise CaseFileError(
            path, None, 'needs PyYAML to be read: install "destination-actions[test]", or write the file as JSON'
        ) from None
