"""Commands whose options are the fields of a class."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, NamedTuple

import click
import pytest
from click.testing import CliRunner

from destination.cli.options import with_fields_as_options
from destination.cli.parameters import Argument, Option, click_parameters


class _Colour(StrEnum):
    RED = "red"
    BLUE = "dark blue"


class _Options(NamedTuple):
    file: Annotated[str, Argument(metavar="FILE", help="What is read.")]
    times: Annotated[int, Option("--times", "-n", min=1, help="How often.")] = 2
    names: Annotated[list[str] | None, Option("--name")] = None
    quiet: Annotated[bool, Option(help="Say nothing.")] = False
    colour: Annotated[_Colour, Option(help="Of the paint.")] = _Colour.RED
    to_file: Annotated[Path | None, Option(metavar="FILE")] = None
    seed: Annotated[int, Option()] = 0
    share: Annotated[float, Option(max=1)] = 0.5


@pytest.fixture
def read() -> click.Command:
    @with_fields_as_options
    def read(options: _Options) -> int:
        """Read a file."""
        click.echo(repr(options))
        return 0

    return click.Command("read", params=click_parameters(read), callback=read, help=read.__doc__)


def test_a_command_gets_the_defaults_of_the_fields(read: click.Command) -> None:
    assert CliRunner().invoke(read, ["x"]).stdout == f"{_Options(file='x')!r}\n"


def test_a_command_gets_what_was_given(read: click.Command) -> None:
    given = ["x", "-n", "3", "--name", "a", "--name", "b", "--quiet", "--colour", "dark blue", "--to-file", "y"]
    expected = _Options(
        file="x", times=3, names=["a", "b"], quiet=True, colour=_Colour.BLUE, to_file=Path("y"), seed=-1, share=0.25
    )
    assert CliRunner().invoke(read, [*given, "--seed=-1", "--share", "0.25"]).stdout == f"{expected!r}\n"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "Missing argument 'FILE'"),
        (["x", "-n", "0"], "--times takes 1 or more, not '0'"),
        (["x", "-n", "1.5"], "--times takes a whole number, not '1.5'"),
        (["x", "--seed", "z"], "'z' is not a valid integer"),
        (["x", "--share", "1.5"], "--share takes 1 or less, not '1.5'"),
        (["x", "--share", "nan"], "--share takes 1 or less, not 'nan'"),
        (["x", "--colour", "green"], "--colour takes one of 'red', 'dark blue', not 'green'"),
        (["x", "--file", "y"], "No such option '--file'"),
    ],
)
def test_what_a_field_does_not_take_is_bad_usage(read: click.Command, given: list[str], message: str) -> None:
    result = CliRunner().invoke(read, given)
    assert result.exit_code == 2
    assert message in result.stderr


def test_the_help_is_the_docstring_and_the_fields_in_their_order(read: click.Command) -> None:
    shown = CliRunner().invoke(read, ["--help"], env={"TERM": "dumb", "COLUMNS": "100"}).stdout
    positions = [
        shown.index(part)
        for part in ("Read a file.", "What is read.", "[default: 2; x>=1]", "--name", "--quiet", "[default: red]")
    ]
    assert positions == sorted(positions)
