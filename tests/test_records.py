"""Dataclasses whose methods are written late behave as those of the standard library."""

import dataclasses
import pickle
from dataclasses import FrozenInstanceError, field, replace
from typing import Any, ClassVar

import pytest

from destination.records import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int = 0
    tags: list[str] = field(default_factory=list, compare=False)
    kind: ClassVar[str] = "point"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    name: str = ""
    secret: str = field(default="", repr=False)
    number: int

    def __post_init__(self) -> None:
        if self.number < 0:
            raise ValueError("negative")


@dataclass(slots=True)
class Counter:
    count: int = 0


@dataclass(frozen=True)
class Further(Named):
    more: int = 1


def test_instances_are_made_shown_and_compared() -> None:
    assert repr(Point(1, tags=["a"])) == "Point(x=1, y=0, tags=['a'])"
    assert Point(1, 2) == Point(1, 2, ["other"])
    assert Point(1) != Point(2)
    assert len({Point(1), Point(1), Point(2)}) == 2
    assert Point(1).tags is not Point(1).tags
    assert repr(Named(number=1, secret="s3cr3t")) == "Named(name='', number=1)"
    assert Further(number=1) == Further(number=1, more=1)
    assert Further(number=1) != Named(number=1)


def test_what_an_instance_does_not_take_is_refused() -> None:
    make: Any = Point
    with pytest.raises(TypeError, match=r"Point.__init__\(\) missing 1 required positional argument: 'x'"):
        make()
    with pytest.raises(TypeError, match="unexpected keyword argument 'z'"):
        make(1, z=2)
    with pytest.raises(ValueError, match="negative"):
        Named(number=-1)


def test_frozen_instances_cannot_be_changed() -> None:
    point: Any = Point(1)
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'x'"):
        point.x = 2
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'x'"):
        del point.x
    with pytest.raises(FrozenInstanceError):
        point.other = 2


def test_other_instances_can_be_changed_and_have_no_hash() -> None:
    counter = Counter()
    counter.count += 1
    assert counter == Counter(1)
    with pytest.raises(TypeError, match="unhashable"):
        hash(counter)


@pytest.mark.parametrize("value", [Point(1, 2, ["a"]), Named(number=3), Counter(4), Further(number=5, more=6)])
def test_instances_are_copied_and_pickled(value: Any) -> None:
    assert pickle.loads(pickle.dumps(value)) == value
    assert replace(value) == value
    assert type(value)(**{item.name: getattr(value, item.name) for item in dataclasses.fields(value)}) == value
    assert dataclasses.is_dataclass(value)


def test_methods_of_the_class_stay() -> None:
    @dataclass(frozen=True, slots=True, repr=False)
    class Quiet:
        value: int

        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = None  # type: ignore[assignment]

    assert "Quiet object at" in repr(Quiet(1))
    assert Quiet(1) == 5


def test_a_default_before_a_field_without_one_is_refused() -> None:
    with pytest.raises(TypeError, match="non-default argument 'y' follows default argument 'x'"):

        @dataclass(frozen=True)
        class Wrong:
            x: int = 0
            y: int  # type: ignore[misc]
