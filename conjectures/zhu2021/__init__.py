"""Unconstrained features with weight decay (Zhu et al. 2021, arXiv:2105.02375)."""

from checkers.language import Paper, Source

PAPER = Paper(
    Source(
        "Zhu, Ding, Zhou, Li, You, Sulam, Qu",
        2021,
        "A Geometric Analysis of Neural Collapse with Unconstrained Features",
        arxiv="2105.02375",
    ),
    model=(
        "Unconstrained features with weight decay: W (K, d), H (d, N) and a bias b minimise the "
        "mean cross-entropy of W H + b 1^T plus lw/2 |W|^2 + lh/2 |H|^2 + lb/2 |b|^2. Classes "
        "have n samples."
    ),
    order=(
        "global_minimum",
        "strict_saddle",
        "curvature_law",
        "strict_saddle_any_width",
    ),
)
