"""Every numeric tolerance of the suite, with its reason.

No verdict rests on one of these: a sign is decided in ball arithmetic or it is a touch. They say
where a float is too close to trust, when a search may stop, and how claimed values are compared.
"""

from __future__ import annotations

PRECISIONS = (64, 128, 256, 512, 1024)
"""Bits of the ball arithmetic, doubled until the sign of the slack is certain."""

PERTURBATIONS = tuple(10.0**-k for k in range(1, 13))
"""Relative sizes of the noise put on a witness: 1e-1 down to 1e-12."""

SCALE_EXPONENTS = (-8.0, 8.0)
"""Decimal exponents between which the regime of scales draws log-uniformly."""

FLOAT_DOUBT = 1e-9
"""A relative slack below this, of either sign, is not trusted in float64 but certified."""

CLAIMED_DIGITS = 25
"""Significant decimal digits of the values of lhs and rhs that a witness file claims."""

CLAIMED_AGREEMENT = 1e-20
"""Relative distance at which a recomputed value still confirms a claimed one."""

CRITICAL_GRADIENT = 1e-12
"""Gradient norm, the value being of order 1, at which a search for critical points ends."""

SADDLE_CURVATURE = 1e-9
"""Curvature above minus this is rounding: a direction of descent is looked for below it only."""

VALUE_AGREEMENT = 1e-9
"""Distance of values at which a critical point counts as one that is known."""

LANDSCAPE_CONVERGED = 0.9
"""Part of the starts that has to converge for a search of critical points to be believed."""

ROUNDING = 1e-14
"""Rise of a value of order 1 that is no rise."""

BATCHED_AGREEMENT = 1e-9
"""Relative distance allowed between a batched float64 quantity and its enclosure, in tests."""

FLOW_RELATIVE = 1e-9
"""Relative error a step of the integrator of gradient flow."""

FLOW_ABSOLUTE = 1e-12
"""Absolute error a step, for entries near zero."""

RANK = 1e-10
"""Singular values below this part of the largest count as zero where a flow is put in its span."""

FLOW_ERROR = 1e-7
"""Relative slack between two times of a flow that the error of integration can account for: of
either sign it counts as touching. A larger violation counts only if a finer run repeats it."""

FLOW_DRIFT = 1e-8
"""Drift beyond which a run is not believed. That of W^T W - H H^T (Frobenius norm) is relative to
rho^2 at the same moment, that of the mean row of W to rho: the sizes that the two have there."""

FLOW_CLOCK = 1e-2
"""Distance from 1 of 4 gamma t L log t at its end, gamma = q_min / rho^2 there, beyond which a run
has not come near its limit."""

FLOW_DECAY = -0.3
"""A direction is settling if its residual falls by at least 10^0.3 in the last decade of log t."""

FLOW_SETTLED = 1e-9
"""A residual below this through the last decade of log t is round-off: nothing left to fall."""

MEANS_RANK = 1e-12
"""Singular values of the matrix of class means, centred or not, below this part of the largest one
or of the root of tr Sigma_W count as zero: a mean in float64 is off by about 1e-16 of the spread of
what it averages. Singular values of a covariance are squares, of which this would be 1e-24. The
rounding of features that are given in float32 or float16 is estimated from their size instead."""

TIE = 1e-12
"""Two scores of a classifier, or two distances, that differ by less than this part of the terms
that they are sums of are a tie: they are sums of up to a few thousand rounded products."""

EXISTENCE_BITS = (256, 512)
"""Bits with which the existence of a point is verified; its centre has half of them."""

EXISTENCE_RADIUS = 7 / 16
"""Part of these bits by which a radius is smaller than the entries of its array: 2^-112 of 256. The
error of the centre, 2^-128, is to be small against it, and so is what the slopes change within."""

EXISTENCE_RANK = 1e-8
"""An equation whose slopes, of norm 1, are nearer than this to the span of those of the others
counts as dependent on them: it is left out, and has to be proved to follow from them."""

EXISTENCE_REACH = 1e-9
"""Distance, in units of the largest entry, to which Gauss and Newton must bring an equation before
more bits are spent. Entries that move by less stay as they are given."""

NEWTON_STEP = 1e-14
"""Step of Gauss and Newton, in units of the largest entry, that is rounding."""

RATIONAL_REACH = 1e-6
"""Distance, in units of the largest entry, over which entries are rounded to small fractions."""

RETRACTION_DAMPING = 1e-12
"""Put on the diagonal of a Gram matrix of slopes of norm 1, which is singular where equality
hypotheses depend on each other: above its rounding, 1e-16 an entry, and far below 1."""
