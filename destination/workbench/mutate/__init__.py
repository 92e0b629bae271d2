"""Mutation testing of mappings: small changes, one at a time, and which of them no test notices.

`trigger_changes` and `mapping_changes` make the changes. `mutants` collects them, without those that make no difference
(`equivalence`), and counts what became of them. `corpus` tries them on events, `project` with a test command.
"""

from destination.workbench.mutate.corpus import Corpus
from destination.workbench.mutate.mutant import Mutant
from destination.workbench.mutate.mutants import Mutants, MutationReport, Verdict, find_mutants

__all__ = ["Corpus", "Mutant", "Mutants", "MutationReport", "Verdict", "find_mutants"]
