import numpy as np
import pandas as pd
import pytest

from skgen.report._guessing import guess_noise


def tables(n_rows, share, seed=0):
    """A secret that no other column predicts, true in some share of the rows."""
    rng = np.random.RandomState(seed)
    return {
        name: pd.DataFrame(
            {"known": rng.normal(size=n_rows), "secret": rng.rand(n_rows) < share}
        )
        for name in ("real", "synthetic", "held_out")
    }


@pytest.mark.parametrize("share", [0.5, 0.1])
def test_noise_is_that_of_the_risk(share):
    """The standard deviation of simulated attacks on fresh rows."""
    n_attacks = 500
    rate = share**2 + (1 - share) ** 2  # two draws are the same
    trained, control = np.random.RandomState(1).binomial(
        n_attacks, rate, size=(2, 20_000)
    )
    risk = (trained - control) / (n_attacks - control)
    noise = guess_noise(tables(5_000, share), "secret")
    assert noise / np.sqrt(n_attacks) == pytest.approx(risk.std(), rel=0.15)


def test_numbers_are_guessed_by_bins():
    rng = np.random.RandomState(0)
    frames = {
        name: pd.DataFrame({"known": x, "secret": x})
        for name, x in zip(
            ("real", "synthetic", "held_out"), rng.normal(size=(3, 1000)), strict=True
        )
    }
    frames["real"].loc[:5, "secret"] = np.nan
    # The known column determines the secret, so that one wrong guess counts much.
    assert guess_noise(frames, "secret") > 5
