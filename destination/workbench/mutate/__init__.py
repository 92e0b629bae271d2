"""Mutation testing of mappings: small changes, one at a time, and which of them no test notices.

`trigger_changes` and `mapping_changes` make the changes, `mutants` collects them without those that `equivalence` finds
to make no difference, `corpus` tries them on events, `project` with a test command; `report` counts.
"""

from destination.workbench.mutate.corpus import Corpus
from destination.workbench.mutate.mutant import Mutant
from destination.workbench.mutate.mutants import Mutants, find_mutants
from destination.workbench.mutate.report import MutationReport

__all__ = ["Corpus", "Mutant", "Mutants", "MutationReport", "find_mutants"]
