import destination.values as package
from destination.values import convert, date_text, dates, missing, numbers, objects, text, text_json


def test_everything_public_is_exported() -> None:
    public = {
        name
        for module in (convert, date_text, dates, missing, numbers, objects, text, text_json)
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__
    }
    assert public | {"MISSING", "TooDeeplyNestedError", "WHITESPACE"} == set(package.__all__)
    assert len(package.__all__) == len(set(package.__all__))
    assert all(hasattr(package, name) for name in package.__all__)
