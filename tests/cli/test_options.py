"""Commands whose options are the fields of a class."""

from typing import Annotated, NamedTuple

import pytest
import typer
from typer.testing import CliRunner

from destination.cli.options import with_fields_as_options


class _Options(NamedTuple):
    file: Annotated[str, typer.Argument(metavar="FILE", help="What is read.")]
    times: Annotated[int, typer.Option("--times", "-n", min=1, help="How often.")] = 2
    names: Annotated[list[str] | None, typer.Option("--name")] = None
    quiet: bool = False


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer(add_completion=False)

    @app.command()
    @with_fields_as_options
    def read(options: _Options) -> int:
        """Read a file."""
        typer.echo(repr(options))
        return 0

    return app


def test_a_command_gets_the_defaults_of_the_fields(app: typer.Typer) -> None:
    assert CliRunner().invoke(app, ["x"]).stdout == f"{_Options(file='x')!r}\n"


def test_a_command_gets_what_was_given(app: typer.Typer) -> None:
    given = ["x", "-n", "3", "--name", "a", "--name", "b", "--quiet"]
    expected = _Options(file="x", times=3, names=["a", "b"], quiet=True)
    assert CliRunner().invoke(app, given).stdout == f"{expected!r}\n"


@pytest.mark.parametrize("given", [[], ["x", "-n", "0"], ["x", "--file", "y"]])
def test_what_a_field_does_not_take_is_bad_usage(app: typer.Typer, given: list[str]) -> None:
    assert CliRunner().invoke(app, given).exit_code == 2


def test_the_help_is_the_docstring_and_the_fields_in_their_order(app: typer.Typer) -> None:
    shown = CliRunner().invoke(app, ["--help"], env={"TERM": "dumb", "COLUMNS": "100"}).stdout
    positions = [shown.index(part) for part in ("Read a file.", "What is read.", "--times", "--name", "--quiet")]
    assert positions == sorted(positions)
    assert "given_by_typer" not in shown
