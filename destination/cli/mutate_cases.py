"""`destination mutate` with files of cases."""

from collections.abc import Callable, Sequence

from destination.cli.problems import UsageProblem
from destination.definition import Subscription
from destination.testing.cases import CaseFile, CaseFileError, check_case, found_in
from destination.workbench.mutate import Mutant, Verdict


def cases_judge(files: Sequence[CaseFile], subscriptions: Sequence[Subscription]) -> Callable[[Mutant], Verdict]:
    """What tells whether cases notice a change.

    Raises:
        UsageProblem: There are no cases, or one fails before anything is changed.
    """
    if not any(file.cases for file in files):
        raise UsageProblem("there are no cases in these files, so no change could be noticed")
    found = _first_failure(files, tuple(subscriptions))
    if found is not None:
        raise UsageProblem(f"{found}; this fails before anything is changed: mend that first")

    def judge(mutant: Mutant) -> Verdict:
        return "survived" if _first_failure(files, mutant.applied(subscriptions)) is None else "noticed"

    return judge


def _first_failure(files: Sequence[CaseFile], subscriptions: tuple[Subscription, ...]) -> str | None:
    for file in files:
        try:
            instance = file.instance(subscriptions)
        except CaseFileError as error:
            raise UsageProblem(str(error)) from None
        for case in file.cases:
            differences = check_case(case, found_in(case, instance))
            if differences:
                told = instance.redactor.text(str(differences[0].masked(instance.redactor)))
                return f"{file.document.path}: line {case.line}: {case.name}: {told}"
    return None
