"""The unconstrained layer-peeled model (Ji et al. 2022, arXiv:2110.02796)."""

from checkers.language import Paper, Source

PAPER = Paper(
    Source(
        "Ji, Lu, Zhang, Deng, Su",
        2022,
        "An Unconstrained Layer-Peeled Perspective on Neural Collapse",
        arxiv="2110.02796",
    ),
    model=(
        "The unconstrained layer-peeled model: a classifier W (K, d) and free features H (d, N) "
        "minimise the summed cross-entropy of W H by gradient flow, without penalty or bias. "
        "Classes have n samples."
    ),
    order=(
        "margin_bound",
        "margin_bound_product",
        "margin_gap_identity",
        "margin_gap_lower_bound",
        "loss_bound",
        "flow_invariants",
        "smoothed_margin_monotone",
        "flow_to_kkt",
        "kkt_rate",
        "kkt_residual",
        "kkt_is_collapse",
        "kkt_is_critical",
        "critical_points",
        "no_local_minimum",
        "sphere_strict_saddle",
        "flat_on_spheres",
        "tangent_descent",
    ),
)
