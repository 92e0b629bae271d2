import copy
import pickle

from destination.values import MISSING, Missing


def test_missing_is_falsy_and_says_its_name() -> None:
    assert not MISSING
    assert repr(MISSING) == "MISSING"


def test_there_is_one_missing() -> None:
    assert Missing() is MISSING
    assert copy.copy(MISSING) is MISSING
    assert copy.deepcopy([MISSING])[0] is MISSING
    assert pickle.loads(pickle.dumps(MISSING)) is MISSING


def test_missing_is_not_null() -> None:
    value: object = MISSING
    assert value is not None
    assert value != ""
