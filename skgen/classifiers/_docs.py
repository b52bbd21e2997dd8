"""Parts of docstrings that the neural classifiers share."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T", bound=type)

_PARAMETERS = """
    learning_rate : float, default=0.001
        Of Adam.

    l2_reg_embedding : float, default=0.001
        Weight of half the squared norm of the vectors of levels in the mean loss. Ten
        times more may help where levels are many and rare. In a table of 200,000
        levels and more it concerns those in the batch alone.

    batch_size : int or "auto", default="auto"
        Greatest number of rows in a batch. "auto" is a fiftieth of the rows, at least
        32 and at most 1024.

    epochs : int, default=50
        Greatest number of passes through the rows.

    early_stopping : {"auc", "log_loss"} or None, default="auc"
        The score of held-out rows that ends the training when it no longer improves;
        the weights that had the best are kept. None learns from all rows, through all
        epochs. Also where a class has a single row none are held out, with a warning.

    validation_fraction : float in (0, 0.5], default=0.1
        Share of the rows of each class that are held out, one row at least, if
        `early_stopping`.

    n_iter_no_change : int, default=3
        Epochs without a better score after which training ends.

    tol : float, default=1e-4
        What the score has to improve by to count as better.

    class_weight : dict, "balanced" or None, default=None
        Weights of the classes in training and in :meth:`predict`, by label; a label
        that is left out has weight 1. "balanced" is inversely proportional to the
        number of rows. :meth:`predict_proba` gives the probabilities of the rows as
        they are, see Notes.

    min_frequency : int, default=2
        Levels of categories and members of lists that fewer training rows hold share
        one vector with those that no training row holds.

    categorical_features : "auto" or array-like of int, str or bool, default="auto"
        Which columns are categories: by dtype ("auto": text, category and boolean
        columns), or, beside those, by indices, names or a mask. Text that is a
        delimited list, such as ``"12^35^7"``, is read as its members, unless it is
        named here.

    device : str, default="auto"
        Where to train and predict: "cpu", "cuda", "cuda:1" or "mps"; "auto" is a CUDA
        device if there is one and the processor otherwise. A pickle holds its weights
        on the processor; where it is read, the device is used if it is there and the
        processor otherwise.

    n_jobs : int or None, default=None
        Threads to compute with, -1 being all processors. None leaves torch's number.
        The last digits of the results may depend on it.

    verbose : int or bool, default=False
        Whether a progress bar shows epochs and scores.

    random_state : int, RandomState instance or None, default=None
        Draws initial weights, batches, dropout and held-out rows. An int makes the
        results repeat exactly on the same processor. Global random streams stay as
        they are.
""".strip("\n")

_ATTRIBUTES = """
    classes_ : ndarray of shape (2,)
        The labels; the second is the positive one.

    class_weight_ : ndarray of shape (2,)
        Their weights.

    module_ : torch.nn.Module
        The network.

    calibration_ : tuple of float
        Slope and intercept from the network's log-odds, the class weights taken out, to
        the calibrated ones.

    loss_curve_ : list of float
        Mean loss on training rows in each epoch.

    validation_curve_ : list of float or None
        The score that `early_stopping` names after each epoch; None if no rows were
        held out.

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
    Columns may be of any kind, missing values included; no encoding comes before. A
    value of a category that `fit` did not see is taken for a rare one. A number is the
    standard normal score of its rank among the training rows, and a missing one has a
    flag beside it. A point in time is a number, an hour and a day of the week.

    Probabilities are calibrated. With weights :math:`w_0, w_1` of the classes the
    network learns log-odds that are too high by :math:`\\log(w_1 / w_0)`, which is
    taken away. A line, fitted to the held-out rows, then makes the log-odds mean what
    they say (Platt scaling, with a prior that keeps it near the identity where there
    are few rows); without held-out rows there is no line. :meth:`decision_function`
    puts :math:`\\log(w_1 / w_0)` back, and :meth:`predict` goes by its sign: a weight
    is the cost of missing its class.
""".strip("\n")


def document(cls: T) -> T:
    """Write the shared parameters, attributes and notes into a class's docstring.

    The docstring holds the lines ``<parameters>``, ``<attributes>`` and ``<notes>``
    where they go.
    """
    if cls.__doc__ is not None:
        doc = cls.__doc__.replace("    <parameters>", _PARAMETERS)
        doc = doc.replace("    <attributes>", _ATTRIBUTES)
        cls.__doc__ = doc.replace("    <notes>", _NOTES)
    return cls
