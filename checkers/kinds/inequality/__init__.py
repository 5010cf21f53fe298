"""Does lhs <= rhs hold on every admitted instance?"""

from __future__ import annotations

from checkers.declared.kinds import Inequality
from checkers.declared.statement import Statement
from checkers.kinds.claim_kind import ClaimKind
from checkers.profile import Profile
from checkers.result import CheckResult


def _check(statement: Statement, profile: Profile, seed: int, device: str) -> CheckResult:
    from checkers.kinds.inequality.check import check_inequality

    return check_inequality(statement, profile, seed, device)


KIND = ClaimKind(
    name=Inequality.name,
    serves=Inequality,
    check=_check,
    remedy="instances that meet the hypotheses with room to spare or with exact entries, in place"
    " of those on which a hypothesis is an equality of irrational numbers",
)
