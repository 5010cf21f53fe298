"""Equation (18) of Jacot et al. (2025) as printed: without saying that classes are of equal size.

The proof bounds the mean over classes of |mu_c(E)| by e1 / sqrt(N), which needs equal classes. The
suite settles whether the inequality survives: s_K(Y) is sqrt(n_min), N counts all samples, and
NC1 uses the mean of all samples.
"""

from dataclasses import replace


from checkers.language import PRINTED
from .nc1 import STATEMENT as EQUAL_CLASSES
from .setting.linear_head import HEADS, INTERPOLATION
from .setting.linear_head_witnesses import LONE_SAMPLE

STATEMENT = replace(
    EQUAL_CLASSES,
    title="Interpolation and balancedness imply NC1, classes of any size as printed",
    standing=PRINTED,
    setting=HEADS,
    hypotheses=(INTERPOLATION,),
    counterexamples=(LONE_SAMPLE,),
    mutants=(),
)
