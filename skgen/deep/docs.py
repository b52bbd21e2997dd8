"""Parts of docstrings that the neural generators share."""

from __future__ import annotations

_EARLY_STOPPING = """
    early_stopping : bool, default=True
        Whether training ends when the loss on held-out rows no longer falls, and the
        weights with the smallest loss are kept. If not, training uses all rows and
        all epochs.

    validation_fraction : float in (0, 0.5], default=0.1
        Share of the rows held out of each class, if `early_stopping`.

    n_iter_no_change : int, default=10
        Epochs without a smaller validation loss after which training ends.

    tol : float, default=0.0001
        Minimum decrease of the validation loss that counts as an improvement.
""".strip("\n")

_PARAMETERS = """
    max_grad_norm : float or None, default=1.0
        Maximum Euclidean norm of the gradient in a step; a greater one is scaled down.
        No limit if None.

    device : str, default="auto"
        Where to train and to sample: "cpu", "cuda", "cuda:1" or "mps"; "auto" is a CUDA
        device if there is one and the CPU otherwise. A pickle holds its weights on the
        CPU; where it is read, the device is used if it is available and the CPU
        otherwise.

    verbose : int or bool, default=False
        Whether a progress bar shows epochs and losses.

    warm_start : bool, default=False
        Whether `fit` continues from the present weights. The columns keep the normal
        form of the first fit, so that a value unknown to it is an error, and the labels
        must be the same.
""".strip("\n")

_ATTRIBUTES = """
    loss_curve_ : list of float, or dict of str to list of float
        Mean loss of each epoch; a dict if there are several losses.

    validation_loss_curve_ : list of float or None
        Loss on the held-out rows after each epoch; None if none were held out.

    n_iter_ : int
        Number of epochs.

    best_iter_ : int
        The epoch, counted from 1, whose weights were kept.
""".strip("\n")


_MODES = """
    max_modes : int, default=10
        Components of the mixture whose modes a number is normalised by.

    weight_threshold : float, default=0.005
        Modes of at most this weight are left out.

    max_levels : int, default=256
        Maximum number of categories of a column. Of one that has more, the most
        frequent, three quarters of this number, are kept; the rare ones share buckets
        and are drawn by their frequency given bucket and label.
""".strip("\n")

_ADAMW = """
    epochs : int, default=150
        Maximum number of passes through the rows.

    batch_size : int, default=512
        Maximum number of rows in a step.

    learning_rate : float, default=0.002
        Initial learning rate of AdamW; it falls to zero by a cosine schedule.

    weight_decay : float, default=0.0
        Weight decay of AdamW.

    ema_decay : float in [0, 1) or None, default=0.995
        Decay of the moving average of the weights, which replaces them. No
        averaging if None.
""".strip("\n")

_GAN = """
    embedding_dim : int, default=128
        Number of random variables that a row is made of.

    generator_dim : sequence of int, default=(256, 256)
        Width of each hidden layer of the generator.

    discriminator_dim : sequence of int, default=(256, 256)
        Width of each hidden layer of the discriminator.

    generator_lr : float, default=0.001
        Learning rate of the generator. It falls to zero over `epochs` as half a period
        of a cosine.

    discriminator_lr : float, default=0.001
        Learning rate of the discriminator, which falls likewise.

    weight_decay : float, default=1e-6
        Weight decay of both.

    discriminator_steps : int, default=1
        Steps of the discriminator for each step of the generator.

    pac : int, default=1
        Rows that the discriminator sees at a time; at most `batch_size`, and at most
        the number of rows. The batch is rounded down to a multiple of it.

    gradient_penalty : float, default=10.0
        Weight of the penalty on slopes of the discriminator other than 1.

    dropout : float in [0, 1), default=0.0
        Share of the discriminator's hidden units that a step leaves out.

    tau : float, default=0.2
        Temperature of the Gumbel-softmax.

    ema_decay : float in [0, 1) or None, default=0.99
        Decay of the moving average of the weights that rows are drawn with; None
        takes the last weights.

    calibrate : bool, default=True
        Whether the marginal distributions in each class are corrected after the
        training: the frequencies of modes, point masses and categories by a shift of
        their logits, the numbers by their quantiles.
""".strip("\n")

SHARED = {
    "early stopping": _EARLY_STOPPING,
    "mode encoding": _MODES,
    "AdamW training": _ADAMW,
    "GAN parameters": _GAN,
    "neural parameters": _PARAMETERS,
    "neural attributes": _ATTRIBUTES,
}
