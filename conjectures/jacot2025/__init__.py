"""Wide neural networks trained with weight decay (Jacot et al. 2025, arXiv:2410.04887)."""

from checkers.language import Paper, Source

PAPER = Paper(
    Source(
        "Jacot, Súkeník, Wang, Mondelli",
        2025,
        "Wide Neural Networks Trained with Weight Decay Provably Exhibit Neural Collapse",
        arxiv="2410.04887",
    ),
    model=(
        "A network of L1 nonlinear and L2 linear layers, trained by gradient descent on the "
        "squared error to one-hot labels with weight decay. Z are the features that enter the "
        "linear head, Z_{L-1} those that enter its last matrix W_L; biases are absent."
    ),
    order=(
        "nc1_printed",
        "nc1",
        "nc1_sharp",
        "nc1_any_sizes",
        "nc1_each_norm",
        "nc2",
        "nc2_sharp",
        "nc3_printed",
        "nc3",
        "nc3_sharp",
        "nc3_each_norm",
        "head_conditioning",
        "balancedness_decay",
        "balancedness_recursion",
        "pl_ball_printed",
        "pl_ball",
        "balancedness_rate",
        "balancedness_plateau",
        "shifted_pl",
        "first_phase",
        "pl_rate",
        "conditioning_near_optimal",
        "near_global",
        "critical_balancedness",
        "ntk_conditioning",
        "ntk_lower_bound",
        "ntk_conditioning_sharp",
        "ntk_lower_bound_sharp",
        "depth_improves_nc2",
        "gradient_lipschitz",
        "power_lemma",
    ),
)
