"""Options are checked before a task starts, in one line, and no secret travels in one."""

from pathlib import Path

import pytest

from destination.usage_problem import UsageProblem
from pyspark_destination.options import read_options
from tests.delivery.faulty import write_mappings


@pytest.fixture
def options(tmp_path: Path) -> dict[str, str]:
    settings = tmp_path / "settings.toml"
    settings.write_text(
        'collectorEndpoint = "https://c.test/v1"\napiKey = { env = "NOT_SET_ON_THE_DRIVER" }\nenvironment = "test"\n'
    )
    mappings = write_mappings(tmp_path / "mappings.json")
    return {"destination": "actions-absmartly", "settingsFile": str(settings), "mappings": str(mappings)}


def problem_of(options: dict[str, str]) -> str:
    with pytest.raises(UsageProblem) as caught:
        read_options(options)
    (line,) = caught.value.lines
    assert "\n" not in line
    return line


def test_a_secret_is_not_looked_up_on_the_driver(options: dict[str, str]) -> None:
    found = read_options(options)
    assert found.given.settings is not None
    assert found.given.settings["apiKey"] == {"env": "NOT_SET_ON_THE_DRIVER"}
    with pytest.raises(UsageProblem, match="NOT_SET_ON_THE_DRIVER, which is not set"):
        found.given.instance()


def test_names_are_taken_in_any_case_as_spark_passes_them(options: dict[str, str]) -> None:
    found = read_options({name.lower(): text for name, text in options.items()} | {"runid": "a", "batchsize": "20"})
    assert (found.run_id, found.delivery.batch_size) == ("a", 20)


def test_the_options_of_spark_itself_are_ignored(options: dict[str, str]) -> None:
    assert read_options({**options, "checkpointLocation": "/x", "queryName": "q"}).run_id is None


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"batchSizze": "3"}, "there is no option batchSizze; did you mean batchSize?"),
        ({"zzz": "3"}, "there is no option zzz; it takes: destination, mappings"),
        ({"batchSize": "many"}, "the option batchSize takes a whole number from 1"),
        ({"keepGoing": "perhaps"}, "the option keepGoing takes true or false"),
        ({"retryFor": "-1"}, "the option retryFor takes a number from 0"),
        ({"rate": "5"}, "the options rate and partitions go together"),
        ({"runId": "../x"}, "the option runId takes up to 100 letters"),
        ({"stateFolder": "s3://bucket/x"}, "the option stateFolder takes a folder of a file system"),
        ({"results": " "}, "the option results is empty"),
        ({"destination": "actions-absmartli"}, "did you mean 'actions-absmartly'?"),
    ],
)
def test_an_option_that_cannot_be_used_is_named(options: dict[str, str], more: dict[str, str], expected: str) -> None:
    assert expected in problem_of({**options, **more})


def test_a_missing_option_is_named(options: dict[str, str]) -> None:
    del options["destination"]
    assert problem_of(options) == 'the option destination is missing; give a slug, such as "actions-absmartly"'


def test_missing_settings_are_named(options: dict[str, str]) -> None:
    del options["settingsFile"]
    assert "give them with option settingsFile" in problem_of(options)


@pytest.mark.parametrize("name", ["apiKey", "apikey", "authToken", "password"])
def test_a_secret_as_an_option_is_refused_and_not_repeated(options: dict[str, str], name: str) -> None:
    found = problem_of({**options, name: "s3cr3t-value"})
    assert "settingsFile" in found
    assert "s3cr3t-value" not in found


@pytest.mark.parametrize("value", ["https://me:s3cr3t@host/x", "Bearer s3cr3t", "sk_live12345678"])
def test_a_value_that_looks_like_a_secret_is_refused_and_not_repeated(options: dict[str, str], value: str) -> None:
    found = problem_of({**options, "mappings": value})
    assert found.startswith("the option mappings has a value that looks like a secret")
    assert value not in found


def test_a_settings_file_that_holds_a_secret_is_refused(options: dict[str, str]) -> None:
    settings = Path(options["settingsFile"])
    settings.write_text(settings.read_text().replace('{ env = "NOT_SET_ON_THE_DRIVER" }', '"s3cr3t-value"'))
    found = problem_of(options)
    assert "holds the secret apiKey itself" in found
    assert "s3cr3t-value" not in found


def test_a_setting_that_does_not_exist_is_found_on_the_driver(options: dict[str, str]) -> None:
    settings = Path(options["settingsFile"])
    settings.write_text(settings.read_text().replace("environment", "enviroment"))
    assert "did you mean environment?" in problem_of(options)


def test_a_mapping_with_a_problem_is_refused_on_the_driver(options: dict[str, str]) -> None:
    mappings = Path(options["mappings"])
    mappings.write_text(mappings.read_text().replace("trackGoal", "trackGaol"))
    assert "trackGaol" in problem_of(options)


def test_a_partition_gets_its_part_of_the_rate(options: dict[str, str]) -> None:
    assert read_options({**options, "rate": "100", "partitions": "4"}).delivery.rate == 25


def test_dead_letters_are_kept_beside_the_state_unless_another_folder_is_named(options: dict[str, str]) -> None:
    assert read_options(options).dead_letters is None
    assert read_options({**options, "stateFolder": "/s"}).dead_letters == "/s/dead-letters"
    assert read_options({**options, "stateFolder": "/s", "deadLetters": "/d"}).dead_letters == "/d"
