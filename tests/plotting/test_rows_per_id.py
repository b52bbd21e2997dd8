import numpy as np
import pandas as pd

from skgen import AutoregressiveTrees
from skgen.plotting import RowsPerIdDisplay


def test_shares_of_rows_by_rows_per_id():
    real = pd.DataFrame({"u": ["a"] * 3 + ["b"] * 70 + list("cdefghi")})
    synthetic = pd.DataFrame({"u": list("jk") * 40})
    display = RowsPerIdDisplay.from_samples(real, synthetic, column="u")
    assert display.categories[:4] == ["1", "2", "3 to 4", "5 to 8"]
    assert display.categories[-1] == "65 or more"
    np.testing.assert_allclose(
        display.real_shares[[0, 2, 7]], [7 / 80, 3 / 80, 70 / 80]
    )
    np.testing.assert_allclose(display.synthetic_shares[6], 1.0)
    assert display.real_shares.sum() == display.synthetic_shares.sum() == 1.0


def test_from_a_generator(tmp_path):
    rng = np.random.RandomState(0)
    X = pd.DataFrame({"user": [f"u{i:04d}" for i in rng.zipf(1.5, 800) % 3000]})
    X["age"] = rng.randint(20, 60, size=800)
    generator = AutoregressiveTrees(random_state=0).fit(X)
    display = RowsPerIdDisplay.from_estimator(
        generator, column="user", random_state=0
    ).plot()
    assert abs(display.real_shares[0] - display.synthetic_shares[0]) < 0.05
    display.figure_.savefig(tmp_path / "ids.png")
    assert "by how often their value of 'user' occurs" in display.describe()
