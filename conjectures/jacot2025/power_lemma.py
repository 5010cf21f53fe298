"""The last matrix of a nearly balanced head is a root of the whole (Jacot et al. 2025, Lemma C.2).

If the L2 matrices of a linear head have norms at most r and neighbours are balanced up to e2, then
|(W_L W_L^T)^L2 - W_{L:L1+1} W_{L:L1+1}^T| <= L2 (L2 - 1) / 2 e2 r^(2 (L2 - 1)) in operator norm.
Features and labels play no part. Multiples of the identity whose squares fall by e2 a layer attain
the count L2 (L2 - 1) / 2: exactly for two matrices, in the limit e2 -> 0 for more. A wrong count,
power of r, or a norm taken of W_L alone would be the ways to be wrong.
"""

from checkers.language import RECONSTRUCTED, THEOREM, Claim, Mutant, Proof, Rational, Statement
from checkers.language import depth
from checkers.quantities.heads import power_defect

from . import PAPER
from .setting.head_chains import RISING, STEPPED, STEPPED_LONG, scaled_steps
from .setting.head_powers import telescoped
from .setting.linear_head import BARE_HEADS, e2, head, norm_W, norm_weights

count = depth * (depth - 1) / 2


def bound(count=count, radius=norm_weights, power=2 * (depth - 1)):
    """The right-hand side with another count of terms, radius or power of it."""
    return count * e2 * radius**power


STATEMENT = Statement(
    title="The last matrix of a nearly balanced head is a root of the whole",
    source=PAPER.at("Lemma C.2"),
    standing=THEOREM,
    transcription=RECONSTRUCTED,
    setting=BARE_HEADS,
    claims=(Claim("power", lhs=power_defect(head), rhs=bound()),),
    witnesses=(STEPPED,),
    mutants=(
        Mutant(
            "per_mille", "0.999 of the count", rhs=bound(Rational(999, 1000) * count), by=STEPPED
        ),
        Mutant("square", "(L2 - 1)^2 / 2 terms", rhs=bound((depth - 1) ** 2 / 2), by=STEPPED),
        Mutant("linear", "L2 - 1 terms", rhs=bound(depth - 1), by=STEPPED_LONG),
        Mutant(
            "low_power",
            "r^(L2 - 1) in place of r^(2 (L2 - 1))",
            rhs=bound(power=depth - 1),
            by=scaled_steps(2, 1.5),
        ),
        Mutant(
            "high_power",
            "r^(2 L2) in place of r^(2 (L2 - 1))",
            rhs=bound(power=2 * depth),
            by=scaled_steps(0.5, 0.25),
        ),
        Mutant("last_norm", "the norm of W_L alone", rhs=bound(radius=norm_W), by=RISING),
        Mutant("no_balancedness", "e2 taken to be 0", rhs=0, by=STEPPED),
    ),
    proofs=(
        Proof(
            "power",
            "telescoping sum in matrices that do not commute",
            telescoped,
            at=((2,), (3,), (4,), (5,), (6,)),
            names=("L2",),
            says="widths are arbitrary; each term has norm at most e2 r^(2 (L2 - 1))",
        ),
    ),
)
