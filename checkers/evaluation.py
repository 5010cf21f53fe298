"""A statement evaluated: on a batch in float64, and on one instance with a certified verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flint import arb, ctx, fmpq
from sympy import Expr

from checkers.arithmetic.balls import NotRational, Number, as_float, sign
from checkers.declared.claim import Claim, Hypothesis, Side
from checkers.declared.statement import Statement
from checkers.instance import LABELS, Array, Batch, Instance
from checkers.quantities import Measured
from checkers.tolerance import PRECISIONS
from checkers.values import Values, ball_values, batch_tensors, rational_values, tensor_values
from checkers.verdict import Verdict, merge

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class BatchEvaluation:
    """Float64 values on a batch, each a tensor (B,): two sides a claim, margins, admission."""

    lhs: Mapping[str, Tensor]
    rhs: Mapping[str, Tensor]
    margins: Mapping[str, Tensor]
    admitted: Tensor

    def relative_slack(self, claim: str) -> Tensor:
        """(rhs - lhs) / (|lhs| + |rhs|), in [-1, 1]; zero where both sides vanish."""
        lhs, rhs = self.lhs[claim], self.rhs[claim]
        scale = lhs.abs() + rhs.abs()
        return ((rhs - lhs) / scale).where(scale != 0, scale)

    def ratio(self, claim: str) -> Tensor:
        """lhs / rhs."""
        return self.lhs[claim] / self.rhs[claim]

    def tightness(self, claim: str) -> Tensor:
        """lhs / rhs where rhs is positive, rhs / lhs where both are negative, else NaN."""
        lhs, rhs = self.lhs[claim], self.rhs[claim]
        negative = (rhs / lhs).where((lhs < 0) & (rhs < 0), lhs.new_tensor(float("nan")))
        return (lhs / rhs).where(rhs > 0, negative)

    def closeness(self, claim: str) -> Tensor:
        """(lhs - rhs) / |(lhs, rhs)|: rises towards zero at equality from any signs of the sides.

        Positive exactly where the claim fails; scale-free, and smooth where the sides are.
        """
        lhs, rhs = self.lhs[claim], self.rhs[claim]
        return (lhs - rhs) / (lhs.square() + rhs.square()).sqrt()


def evaluate_batch(
    statement: Statement, batch: Batch, device: str = "cpu", soft: float | None = None
) -> BatchEvaluation:
    """All claims and hypotheses on every instance of a batch, in float64."""
    tensors = batch_tensors(batch, device)
    return evaluate_tensors(statement, tensors, batch.arrays.get(LABELS), batch.sizes, soft)


def evaluate_tensors(
    statement: Statement,
    tensors: Mapping[str, Tensor],
    labels: Array | None,
    sizes: Mapping[str, int],
    soft: float | None = None,
) -> BatchEvaluation:
    """As ``evaluate_batch``, differentiable with respect to the tensors."""
    values = tensor_values(tensors, labels, sizes, soft)
    return evaluate_values(statement, values, next(iter(tensors.values())))


def evaluate_values(statement: Statement, values: Values, like: Tensor) -> BatchEvaluation:
    """As ``evaluate_batch``, from values that several statements may share."""
    import torch

    def batched(value: Any) -> Tensor:
        value = torch.as_tensor(value, dtype=like.dtype, device=like.device)
        return value.expand(len(like)) if value.ndim == 0 else value

    margins = {h.name: batched(values(h.margin)) for h in statement.hypotheses}
    admitted = torch.ones(len(like), dtype=torch.bool, device=like.device)
    for hypothesis in statement.hypotheses:
        margin = margins[hypothesis.name]
        admitted &= margin > 0 if hypothesis.strict else margin >= 0
    return BatchEvaluation(
        {c.name: batched(values(c.lhs)) for c in statement.claims},
        {c.name: batched(values(c.rhs)) for c in statement.claims},
        margins,
        admitted,
    )


@dataclass(frozen=True)
class Evaluation:
    """One claim on one instance, in balls of ``bits`` or, where ``exact``, in rationals.

    ``sign`` is that of the slack rhs - lhs, None where 1024 bits do not tell it from zero.
    ``satisfied`` says of each hypothesis True, False or None (not decided).
    """

    claim: str
    lhs: Number
    rhs: Number
    sign: int | None
    margins: Mapping[str, Number]
    satisfied: Mapping[str, bool | None]
    bits: int
    exact: bool
    told: bool = True

    @property
    def slack(self) -> Number:
        """rhs - lhs."""
        return self.rhs - self.lhs

    @property
    def touches(self) -> bool:
        """Equality: the slack is zero, or cannot be told from zero."""
        return self.sign in (0, None)

    @property
    def ratio(self) -> float:
        """lhs / rhs; NaN where rhs is zero."""
        rhs = as_float(self.rhs)
        if not rhs:
            return float("nan")
        quotient = self.lhs / self.rhs
        return as_float(quotient)

    @property
    def relative_slack(self) -> float:
        """(rhs - lhs) / (|lhs| + |rhs|); zero where both sides vanish."""
        lhs, rhs = as_float(self.lhs), as_float(self.rhs)
        return as_float(self.slack) / (abs(lhs) + abs(rhs) or 1.0)

    @property
    def tightness(self) -> float | None:
        """How close to equality, at most 1 where the claim holds; None where it means nothing.

        lhs / rhs where rhs is positive, rhs / lhs where both are negative.
        """
        lhs, rhs = as_float(self.lhs), as_float(self.rhs)
        if rhs > 0:
            return self.ratio
        return as_float(self.rhs / self.lhs) if lhs < 0 and rhs < 0 else None

    @property
    def admitted(self) -> bool:
        """Every hypothesis is certified."""
        return all(self.satisfied.values())

    @property
    def verdict(self) -> Verdict:
        """What this instance says of the claim."""
        if False in self.satisfied.values():
            return Verdict.VACUOUS
        if None in self.satisfied.values():
            return Verdict.INCONCLUSIVE
        if isinstance(self.slack, arb) and not self.slack.is_finite():
            return Verdict.ERROR
        return Verdict.REFUTED if self.sign == -1 else Verdict.HOLDS


def certify(
    statement: Statement,
    instance: Instance,
    measured: Callable[[Instance], Values] = ball_values,
) -> tuple[Evaluation, ...]:
    """Every claim on one instance, in balls of 64 bits doubled until every sign is certain.

    After the first precision exact rational arithmetic is tried: where it applies to all that is
    measured it settles equality, and it decides each hypothesis to which it applies. Leaves the
    precision of ``flint.ctx`` as it was. ``measured`` gives the enclosures at the precision that
    is set, such as those that another statement has measured.
    """
    known: dict[str, bool | None] = {}
    for bits in PRECISIONS:
        with ctx.workprec(bits):
            found = _evaluations(statement, measured(instance), bits, known)
        if all(_settled(e) for e in found):
            break
        if bits == PRECISIONS[0]:
            exactly = _exactly(statement, instance)
            if exactly is not None:
                return exactly
            undecided = [h for h in statement.hypotheses if found[0].satisfied[h.name] is None]
            known = _decided_exactly(undecided, instance)
    return found


def certify_enclosed(
    statement: Statement, measured: Callable[[], Values]
) -> tuple[Evaluation, ...]:
    """Every claim on a box: as ``certify``, without the rational arithmetic that needs a point.

    ``measured`` gives enclosures on the box at the precision that is set.
    """
    for bits in PRECISIONS:
        with ctx.workprec(bits):
            found = _evaluations(statement, measured(), bits, {})
        if all(_settled(e) for e in found):
            break
    return found


def _exactly(statement: Statement, instance: Instance) -> tuple[Evaluation, ...] | None:
    """In rationals, or None where something is not rational."""
    formulas = [h.margin for h in statement.hypotheses]
    formulas += [side for c in statement.claims for side in (c.lhs, c.rhs)]
    if not all(_is_exact(f) for f in formulas):
        return None
    try:
        return _evaluations(statement, rational_values(instance), 0, {})
    except (NotRational, ZeroDivisionError):
        return None


def _decided_exactly(
    hypotheses: Iterable[Hypothesis], instance: Instance
) -> dict[str, bool | None]:
    """Which of them hold, for those that are rational."""
    values, known = rational_values(instance), {}
    for hypothesis in hypotheses:
        if _is_exact(hypothesis.margin):
            try:
                known[hypothesis.name] = _satisfied(hypothesis, values(hypothesis.margin))
            except (NotRational, ZeroDivisionError):
                continue
    return known


def _settled(evaluation: Evaluation) -> bool:
    """No more digits are needed: a hypothesis fails, or every sign is certain."""
    states = evaluation.satisfied.values()
    return False in states or (evaluation.sign is not None and None not in states)


def _is_exact(formula: Expr) -> bool:
    return all(m.exact for m in formula.atoms(Measured))


def verdict_on(statement: Statement, instance: Instance) -> Verdict:
    """The worst certified verdict over the claims."""
    return merge(e.verdict for e in certify(statement, instance))


def violates(statement: Statement, instance: Instance) -> bool:
    """Whether some claim is certified to fail with all hypotheses certified."""
    return verdict_on(statement, instance) is Verdict.REFUTED


def _evaluations(
    statement: Statement, values: Values, bits: int, known: Mapping[str, bool | None]
) -> tuple[Evaluation, ...]:
    margins = {h.name: values(h.margin) for h in statement.hypotheses}
    satisfied = {
        h.name: known[h.name] if h.name in known else _satisfied(h, margins[h.name])
        for h in statement.hypotheses
    }
    return tuple(_evaluate(c, values, margins, satisfied, bits) for c in statement.claims)


def _evaluate(
    claim: Claim,
    values: Values,
    margins: Mapping[str, Number],
    satisfied: Mapping[str, bool | None],
    bits: int,
) -> Evaluation:
    lhs, rhs = values(claim.lhs), values(claim.rhs)
    if claim.trivial is None:
        told = True
    elif claim.measured is Side.LEFT:
        told = not rhs >= values(claim.trivial)
    else:
        told = not lhs <= values(claim.trivial)
    return Evaluation(
        claim.name, lhs, rhs, sign(rhs - lhs), margins, satisfied, bits, isinstance(lhs, fmpq), told
    )


def _satisfied(hypothesis: Hypothesis, margin: Number) -> bool | None:
    if margin > 0 or (not hypothesis.strict and margin >= 0):
        return True
    if margin < 0 or (hypothesis.strict and margin <= 0):
        return False
    return None
