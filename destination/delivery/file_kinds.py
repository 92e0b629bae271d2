"""Kinds of file that people give where JSON is expected, known by their first bytes or their name."""

import re
from typing import Final

_MAGIC: Final = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"BZh", "bzip2"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"PAR1", "parquet"),
    (b"Obj\x01", "avro"),
    (b"ORC", "orc"),
    (b"SQLite f", "sqlite"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_TAR_MARK: Final = slice(257, 262)
_NAMES: Final = {".tf": "terraform", ".hcl": "terraform", ".csv": "csv", ".tsv": "csv", ".tar": "tar", ".tgz": "tar"}
_TERRAFORM: Final = re.compile(
    rb'\s*(?:#[^\n]*\s+|//[^\n]*\s+)*(?:resource|data|module|variable|provider)\s+"|terraform\s*\{'
)
_CSV: Final = re.compile(rb'"?[A-Za-z_][\w .-]*"?([,;\t])"?[A-Za-z_][\w .-]*"?(\1"?[A-Za-z_][\w .-]*"?)*\r?\n')
_SEEN_NAME: Final = "FILE"
_JSON_STARTS: Final = (b"{", b"[")

_WHAT: Final = {
    "zip": "is a zip archive; unpack it first: unzip {name}",
    "gzip": "is compressed twice with gzip; unpack it first: gunzip {name}",
    "zstd": "is compressed with zstd; unpack it first: zstd -d {name}",
    "xz": "is compressed with xz; unpack it first: xz -dk {name}",
    "bzip2": "is compressed with bzip2; unpack it first: bzip2 -dk {name}",
    "7z": "is a 7z archive; unpack it first: 7z x {name}",
    "tar": "is a tar archive; unpack it first: tar -xf {name}",
    "parquet": "is a Parquet file; write its rows as JSON first: duckdb -c \"COPY (FROM '{name}') TO 'rows.ndjson'\"",
    "avro": "is an Avro file; write its records as JSON lines first",
    "orc": "is an ORC file; write its rows as JSON lines first",
    "sqlite": "is an SQLite database; write its rows as JSON lines first",
    "csv": "is a CSV file; write its rows as JSON first, one event on a line, each with its type",
    "terraform": "is a Terraform file, which holds mappings and no events; give it with --mappings",
    "utf-16": "is UTF-16 text; save it as UTF-8",
}


def kind_of_file(head: bytes, name: str = "") -> str | None:
    r"""Returns what a file is that does not hold JSON text; None where it may hold some.

    Args:
        head: Its first bytes, 8 or more. What they say comes before the name.
        name: Its name.

    Example:
        >>> kind_of_file(b"PK\x03\x04rest"), kind_of_file(b"a;b", "events.csv"), kind_of_file(b'{"a": 1}', "events.csv")
        ('zip', 'csv', None)
    """
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head[_TAR_MARK] == b"ustar":
        return "tar"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text or text.startswith(_JSON_STARTS):
        return None
    ending = next((kind for end, kind in _NAMES.items() if name.lower().endswith(end)), None)
    if ending is not None:
        return ending
    if _TERRAFORM.match(text):
        return "terraform"
    return "csv" if _CSV.match(text) else None


def what_to_do(kind: str, name: str) -> str:
    """Says what a file is and how its events can be read, as the end of a sentence that begins with its name.

    Example:
        >>> what_to_do("xz", "events.xz")
        'is compressed with xz; unpack it first: xz -dk events.xz'
    """
    return _WHAT[kind].format(name=name if " " not in name else _SEEN_NAME)
