"""Parts of docstrings that the neural classifiers share."""

from __future__ import annotations

_PERCEPTRON = """
    embedding_dim : int, default=16
        Size of the embedding vector of a category.

    hidden_units : sequence of int, default=(256, 128)
        Width of each hidden layer.

    dropout : float in [0, 1), default=0.0
        Dropout after each hidden layer.
""".strip("\n")

_PARAMETERS = """
    learning_rate : float, default=0.001
        Learning rate of Adam.

    l2_reg_embedding : float, default=0.001
        Weight of half the squared norm of the embedding vectors in the mean loss. Ten
        times more may help with many rare categories. With 200,000 categories or more
        it applies only to those in the batch.

    batch_size : int or "auto", default="auto"
        Maximum number of rows in a batch. "auto" is a fiftieth of the rows, at least
        32 and at most 1024.

    epochs : int, default=50
        Maximum number of passes through the rows.

    early_stopping : {"auc", "log_loss"} or None, default="auc"
        The score of held-out rows: training ends when it no longer improves, and the
        weights with the best score are kept. None trains on all rows for all epochs. If
        a class has a single row, no rows are held out, with a warning.

    validation_fraction : float in (0, 0.5], default=0.1
        Share of the rows of each class that are held out, at least one row, if
        `early_stopping`.

    n_iter_no_change : int, default=3
        Epochs without a better score after which training ends.

    tol : float, default=1e-4
        Minimum improvement of the score.

    class_weight : dict, "balanced" or None, default=None
        Weights of the classes in training and in :meth:`predict`, by label, by default
        1. "balanced" is inversely proportional to the number of rows.
        :meth:`predict_proba` returns probabilities without these weights, see Notes.

    min_frequency : int, default=2
        Categories and members of lists in fewer training rows share one vector with
        unknown ones.

    categorical_features : "auto" or array-like of int, str or bool, default="auto"
        Which columns are categories: by dtype ("auto": text, category and boolean
        columns), or, beside those, by indices, names or a mask. Text that is a
        delimited list, such as ``"12^35^7"``, is read as its members, unless it is
        named here.

    device : str, default="auto"
        Where to train and predict: "cpu", "cuda", "cuda:1" or "mps"; "auto" is a CUDA
        device if there is one and the CPU otherwise. A pickle holds its weights on the
        CPU; where it is read, the device is used if it is available and the CPU
        otherwise.

    n_jobs : int or None, default=None
        Number of threads; -1 is all CPUs, None is torch's own setting.
        The last digits of the results may depend on it.

    verbose : int or bool, default=False
        Whether a progress bar shows epochs and scores.

    random_state : int, RandomState instance or None, default=None
        Seeds initial weights, batches, dropout and held-out rows. With an int the
        results repeat exactly on the same machine. Global random states are not
        changed.
""".strip("\n")

_ATTRIBUTES = """
    classes_ : ndarray of shape (2,)
        The labels; the second is the positive one.

    class_weight_ : ndarray of shape (2,)
        Weights of the classes.

    module_ : torch.nn.Module
        The network.

    calibration_ : tuple of float
        Slope and intercept of the line from the network's log-odds, without the class
        weights, to the calibrated log-odds.

    loss_curve_ : list of float
        Mean loss on training rows in each epoch.

    validation_curve_ : list of float or None
        Score of the held-out rows after each epoch; None if no rows were held out.

    n_iter_ : int
        Number of epochs.

    best_iter_ : int
        The epoch, counted from 1, whose weights were kept.

    n_features_in_ : int
        Number of columns seen in `fit`.

    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns; only if all of them are strings.
""".strip("\n")

_NOTES = """
    Columns may be of any kind, with missing values, and need no encoding. A category
    unknown to `fit` is treated as a rare one. A number is replaced by the standard
    normal score of its rank among the training rows; missing ones have a flag. A point
    in time becomes a number, an hour and a day of the week.

    Probabilities are calibrated. With class weights :math:`w_0, w_1` the network learns
    log-odds that are too high by :math:`\\log(w_1 / w_0)`, which is subtracted. The
    log-odds then go through a line fitted to the held-out rows, if any (Platt scaling,
    with a prior that keeps it near the identity for few rows).
    :meth:`decision_function` adds :math:`\\log(w_1 / w_0)` again, and :meth:`predict`
    uses its sign: a weight is the cost of misclassifying a row of its class.
""".strip("\n")

SHARED = {
    "perceptron": _PERCEPTRON,
    "parameters": _PARAMETERS,
    "attributes": _ATTRIBUTES,
    "notes": _NOTES,
}
