"""Finds the parts of mappings that no test checks: changes them in small ways, one at a time.

`trigger_changes` and `mapping_changes` make the changes. `mutants` collects them and leaves out those that make no
difference (`equivalence`). It also counts the verdicts. `corpus` tries the changes on events, `project` with a test
command.
"""

from destination.workbench.mutate.corpus import Corpus
from destination.workbench.mutate.mutant import Mutant
from destination.workbench.mutate.mutants import Mutants, MutationReport, Verdict, find_mutants

__all__ = ["Corpus", "Mutant", "Mutants", "MutationReport", "Verdict", "find_mutants"]
