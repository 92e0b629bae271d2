"""How a command declares its options and arguments: in the annotations of its parameters, without importing typer."""

from typing import Annotated, Any, NamedTuple, get_args, get_origin


class Option:
    """An option of the command line; takes what `typer.Option` takes.

    Args:
        names: Its names, such as `--mappings` and `-m`; by default the name of the parameter.
        how: Its help, its metavar, its limits.
    """

    is_argument = False

    def __init__(self, *names: str, **how: Any) -> None:
        self.names = names
        self.how = how


class Argument(Option):
    """An argument of the command line; takes what `typer.Argument` takes."""

    is_argument = True


class Source(NamedTuple):
    """Where the values of a call come from.

    Attributes:
        command: The name of the command.
        configuration: What pyproject.toml says, or None.
        defaulted: The parameters whose values it gave.
    """

    command: str
    configuration: Any
    defaulted: frozenset[str]


def option_of(annotation: Any) -> Option | None:
    """Returns the declaration in an annotation, or None.

    Example:
        >>> from typing import Annotated
        >>> option_of(Annotated[int, Option("--limit", min=1)]).how
        {'min': 1}
    """
    if get_origin(annotation) is not Annotated:
        return None
    return next((item for item in annotation.__metadata__ if isinstance(item, Option)), None)


def type_of(annotation: Any) -> Any:
    """Returns the type of an annotation, without the declaration.

    Example:
        >>> from typing import Annotated
        >>> type_of(Annotated[int, Option("--limit")])
        <class 'int'>
    """
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
