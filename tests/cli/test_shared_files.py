"""Options that lead to one file: refused before anything is opened or created, in one line that names both."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

import click
import pytest

from destination.cli.app import app
from destination.cli.files import ledger_files, reads, reads_events, refuse_shared, writes
from destination.usage_problem import UsageProblem
from tests.cli.conftest import Invoke, track, write_events
from tests.thorough import some

WRITES = {"--errors", "--ledger", "--report", "--html", "--output"}
"""Every option of any command by which a file is written."""

COMMANDS: dict[str, dict[str, bool]] = {
    "run": {"FILE": False, "--settings": False, "--mappings": False, "--errors": True, "--ledger": True,
            "--report": True, "--ca-file": False, "--client-cert": False, "--client-key": False},
    "diff": {"OLD": False, "NEW": False, "--events": False, "--settings": False, "--html": True},
    "coverage": {"--events": False, "--mappings": False, "--html": True},
    "docs": {"FILE": False, "--output": True},
    "migrate classic": {"SETTINGS": False, "--verify": False, "--output": True},
}  # fmt: skip
"""Of the commands that write a file: what they read and (True) write, by the words of their help."""

PAIRS = [
    (command, one, other)
    for command, options in COMMANDS.items()
    for one, other in combinations(options, 2)
    if options[one] or options[other]
]


def _commands(group: click.Group, prefix: str = "") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from _commands(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


def test_every_command_that_writes_a_file_is_tried_here() -> None:
    """A new option that writes a file has to be named above, and so to be declared."""
    found = {
        name: {option for parameter in command.params for option in parameter.opts} & WRITES
        for name, command in _commands(app)
    }
    tried = {name: {option for option, is_written in files.items() if is_written} for name, files in COMMANDS.items()}
    assert {name: options for name, options in found.items() if options} == tried
    takes_files = {
        option
        for _, command in _commands(app)
        for parameter in command.params
        if any(word in (parameter.metavar or "") for word in ("FILE", ".json"))
        for option in parameter.opts
        if option.startswith("--")
    }
    known = {option for files in COMMANDS.values() for option in files}
    assert takes_files - known == {"--cases", "--tracking-plan", "--forward-token-file"}  # of commands that only read


def _arguments(command: str, given: dict[str, str]) -> list[str]:
    options: list[str] = []
    arguments = {key: value for key, value in given.items() if not key.startswith("--")}
    for key, value in given.items():
        if key.startswith("--"):
            options += [key, value]
    return [*command.split(), *arguments.values(), *options]


@pytest.mark.parametrize(("command", "one", "other"), PAIRS)
def test_two_options_that_share_a_file_are_refused(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, one: str, other: str
) -> None:
    monkeypatch.chdir(tmp_path)
    given = {key: f"{key.strip('-').lower()}.json" for key in COMMANDS[command] if not key.startswith("--")}
    if command in ("diff", "coverage"):
        given["--events"] = "events.json"
    given.update({one: "x.json", other: "./x.json"})
    for name in set(given.values()):
        Path(name).write_text("[]")
    result = invoke(*_arguments(command, given))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert f"{one} {given[one].removeprefix('./')}" in result.stderr
    assert f"{other} {given[other].removeprefix('./')}" in result.stderr
    assert "are the same file: give one of them another name" in result.stderr
    assert Path("x.json").read_text() == "[]"


@pytest.mark.parametrize(
    ("one", "other"), [(one, other) for command, one, other in PAIRS if command == "run" and "FILE" not in (one, other)]
)
def test_nothing_is_created_where_two_options_would_share_a_new_file(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one: str, other: str
) -> None:
    monkeypatch.chdir(tmp_path)
    file = write_events(tmp_path / "e.ndjson", track(1))
    result = invoke("run", file, one, "x", other, "x")
    assert result.exit_code == 2
    assert f"{one} x" in result.stderr
    assert f"{other} x" in result.stderr
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("option", ["--errors", "--report"])
@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal"])
def test_the_default_ledger_and_its_files_count(invoke: Invoke, settings: Path, option: str, suffix: str) -> None:
    file = write_events(settings.parent / "e.ndjson", track(1))
    result = invoke("run", file, "-s", settings, option, f"{file}.ledger{suffix}")
    assert result.exit_code == 2
    assert f"--ledger {file}.ledger (its default)" in result.stderr
    assert f"{option} {file}.ledger{suffix}" in result.stderr
    assert not Path(f"{file}.ledger").exists()


def test_settings_and_mappings_are_not_overwritten(invoke: Invoke, settings: Path) -> None:
    file = write_events(settings.parent / "e.ndjson", track(1))
    before = settings.read_bytes()
    for option in ("--errors", "--report", "--ledger"):
        assert invoke("run", file, "-s", settings, option, settings).exit_code == 2
    assert settings.read_bytes() == before


# --- when are two paths one file? ----------------------------------------------------------------------------


Link = Callable[[Path, Path], None]


@pytest.mark.parametrize(
    "link",
    [
        pytest.param(lambda old, new: new.symlink_to(old), id="symlink"),
        pytest.param(os.link, id="hard link"),
        pytest.param(lambda old, new: new.symlink_to(os.path.relpath(old, new.parent)), id="relative symlink"),
    ],
)
def test_links_are_resolved(tmp_path: Path, link: Link) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("x")
    link(old, new)
    with pytest.raises(UsageProblem, match=r"^A .*old and B .*new are the same file"):
        refuse_shared(reads("A", old), writes("B", new))


def test_new_files_are_found_through_links_to_their_folders_and_to_themselves(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    (tmp_path / "dangling").symlink_to(tmp_path / "folder" / "new")
    for other in ("link/new", "folder/../folder/./new", "dangling"):
        with pytest.raises(UsageProblem, match="are the same file"):
            refuse_shared(writes("A", tmp_path / "folder" / "new"), writes("B", tmp_path / other))
    refuse_shared(writes("A", tmp_path / "folder" / "new"), writes("B", tmp_path / "new"))


def test_new_files_in_a_folder_that_is_not_there_are_compared_by_name(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="are the same file"):
        refuse_shared(writes("A", tmp_path / "no" / "x"), writes("B", tmp_path / "no" / "x"))


def test_the_files_of_a_ledger_lie_where_a_link_leads(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "ledger")
    files = ledger_files(tmp_path / "link", is_default=False)
    with pytest.raises(UsageProblem, match="its -wal file"):
        refuse_shared(files, writes("--errors", tmp_path / "ledger-wal"))
    refuse_shared(files, writes("--errors", tmp_path / "link-wal"))
    (tmp_path / "ledger").touch()
    (tmp_path / "ledger-wal").touch()
    refuse_shared(files)


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="there are no files by their numbers")
def test_a_file_by_its_number_is_that_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("x")
    with path.open() as file, pytest.raises(UsageProblem, match=r"/dev/fd/\d+ are the same file"):
        refuse_shared(reads("A", path), writes("B", f"/dev/fd/{file.fileno()}"))


def test_a_file_that_is_only_read_may_be_given_twice(invoke: Invoke, tmp_path: Path) -> None:
    mappings = tmp_path / "m.json"
    mappings.write_text("[]")
    events = write_events(tmp_path / "e", track(1))
    assert invoke("diff", mappings, mappings, "--events", events).exit_code == 0
    refuse_shared(reads("A", mappings), reads("B", mappings), writes("C", "/dev/null"), writes("D", "/dev/null"))


def test_paths_that_the_system_refuses_are_left_to_who_opens_them() -> None:
    for path in ("x" * 5_000, "a\0b"):
        refuse_shared(reads("A", path), writes("B", path))


def test_a_pipe_is_read_once_and_not_written_by_two(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(UsageProblem, match=r"are the same pipe, which can be read only once"):
        refuse_shared(reads("A", pipe), reads("B", pipe))
    with pytest.raises(UsageProblem, match="are the same file"):
        refuse_shared(writes("A", pipe), writes("B", pipe))
    place = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(place)[:100])
        with pytest.raises(UsageProblem, match="only once"):
            refuse_shared(reads("A", str(place)[:100]), reads("B", str(place)[:100]))


def test_standard_input_without_a_file_is_no_file() -> None:
    assert reads_events("FILE", None) == []
    refuse_shared(reads_events("FILE", "-"), writes("B", "-"))


# --- what the shell opened -----------------------------------------------------------------------------------


def _shell(folder: Path, line: str) -> tuple[int, str]:
    command = line.replace("destination ", f"{sys.executable} -m destination ")
    done = subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("line", "message"),
    some([
        ("destination run - --dry-run --errors e < e", "FILE - (standard input) and --errors e are the same file"),
        ("destination run - --dry-run < e >> e", "FILE - (standard input) and standard output are the same file"),
        ("destination run e --errors out --json >> out", "--errors out and standard output are the same file"),
        ("destination run e --dry-run >> e", "FILE e and standard output are the same file"),
        ("destination plan e >> e", "FILE e and standard output are the same file"),
        ("cat e | destination run - -s /dev/stdin --dry-run", "--settings /dev/stdin are the same pipe"),
    ]),
)  # fmt: skip
def test_files_that_the_shell_opened_count(tmp_path: Path, line: str, message: str) -> None:
    file = write_events(tmp_path / "e", track(1))
    before = file.read_bytes()
    status, errors = _shell(tmp_path, line)
    assert (status, len(errors.splitlines())) == (2, 1)
    assert message in errors
    assert file.read_bytes() == before


def test_notes_are_not_mixed_into_the_failed_events(tmp_path: Path) -> None:
    write_events(tmp_path / "e", b"oops")
    assert _shell(tmp_path, "destination run e --errors log 2> log")[0] == 2
    assert "--errors log and standard error are the same file" in (tmp_path / "log").read_text()


@pytest.mark.thorough
def test_both_outputs_may_go_to_one_file_and_a_terminal_or_nowhere_may_be_shared(tmp_path: Path) -> None:
    write_events(tmp_path / "e", track(1))
    assert _shell(tmp_path, "destination run e > log 2>&1")[0] == 0
    assert _shell(tmp_path, "destination run e --errors /dev/null --report /dev/null > /dev/null")[0] == 0
    assert _shell(tmp_path, "destination run - --dry-run --errors /dev/stdout < e | cat")[0] == 0
