"""Whatever a partner does, no event is lost and none comes twice: as a property over seeds."""

from pathlib import Path

import pytest

from tests.delivery.simulated import Simulation
from tests.delivery.virtual_time import run_virtually
from tests.thorough import some

_AT_ONCE = 25


@pytest.mark.parametrize("first", some(range(0, 300, _AT_ONCE)))
def test_no_event_is_lost_or_doubled_whatever_the_partner_does(first: int, tmp_path: Path) -> None:
    for seed in range(first, first + _AT_ONCE):
        folder = tmp_path / str(seed)
        folder.mkdir()
        simulation = Simulation(seed, folder)
        try:
            simulation.run(run_virtually)
            if simulation.has_ledger:
                simulation.check_end()
        except BaseException as error:
            error.add_note(f"seed {seed}: {simulation.described}")
            raise
