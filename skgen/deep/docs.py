"""Parts of docstrings that the neural generators share."""

from __future__ import annotations

_EARLY_STOPPING = """
    early_stopping : bool, default=True
        Whether training ends when the loss on held-out rows no longer falls, and keeps
        the weights that had the smallest. If not, all rows are learned from, through
        all epochs.

    validation_fraction : float in (0, 0.5], default=0.1
        Share of the rows held out of each class, if `early_stopping`.

    n_iter_no_change : int, default=10
        Epochs without a smaller validation loss after which training ends.

    tol : float, default=0.0001
        What the validation loss has to fall by to count as smaller.
""".strip("\n")

_PARAMETERS = """
    max_grad_norm : float or None, default=1.0
        Greatest Euclidean norm of the gradient in a step; a greater one is scaled down.
        None is no limit.

    device : str, default="auto"
        Where to train and to sample: "cpu", "cuda", "cuda:1" or "mps"; "auto" is a CUDA
        device if there is one and the processor otherwise. A pickle holds its weights
        on the processor; where it is read, the device is used if it is there and the
        processor otherwise.

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


SHARED = {
    "early stopping": _EARLY_STOPPING,
    "neural parameters": _PARAMETERS,
    "neural attributes": _ATTRIBUTES,
}
