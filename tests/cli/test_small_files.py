"""`run --workers` says when a file is too small for several processes."""

import gzip
from pathlib import Path

import pytest

from destination.cli.sending import is_too_small_for_workers
from tests.cli.conftest import Invoke, track, write_events

SAID = "workers took longer to start than they saved"


def test_a_small_file_is_named_as_too_small_for_workers(invoke: Invoke, tmp_path: Path) -> None:
    file = write_events(tmp_path / "events.ndjson", track(1), track(2))
    assert SAID in invoke("run", file, "--workers", "2", "--no-ledger").stderr
    assert SAID not in invoke("run", file, "--no-ledger").stderr


def test_the_size_of_a_compressed_file_says_nothing(invoke: Invoke, tmp_path: Path) -> None:
    file = write_events(tmp_path / "events.ndjson", track(1), track(2))
    packed = tmp_path / "packed"
    packed.write_bytes(gzip.compress(Path(file).read_bytes()))
    assert SAID not in invoke("run", packed, "--workers", "2", "--no-ledger").stderr


@pytest.mark.parametrize(
    ("size", "singly", "too_small"),
    [(1, False, True), (30_000_000, False, True), (30_000_000, True, False), (100_000_000, False, False)],
)
def test_single_requests_pay_earlier_than_batches(size: int, singly: bool, too_small: bool) -> None:
    assert is_too_small_for_workers(size, singly=singly) is too_small
