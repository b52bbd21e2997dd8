"""Draw the picture of the guide: a user of a click log, and a synthetic one.

python docs/history.py docs/history.png
"""

import sys

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

from skgen import Histories
from skgen.datasets import make_clicks

COLUMNS = [
    "user_id",
    "age",
    "city",
    "device_name",
    "net_type",
    "slot_id",
    "adv_id",
    "pt_d",
]


def main(path: str) -> None:
    """Fit histories of the simulated log, and draw two users."""
    clicks = make_clicks(20_000, random_state=0)
    X, y = clicks.data[COLUMNS], np.asarray(clicks.target)
    histories = Histories(group="user_id", order="pt_d", random_state=0).fit(X, y)
    made, labels = histories.sample(random_state=1)
    figure, axes = plt.subplots(2, 1, figsize=(9, 5), sharex=True, layout="constrained")
    for axis, frame, target, title in (
        (axes[0], X, y, "a user of the log"),
        (axes[1], made, labels, "a synthetic user"),
    ):
        with_click = frame["user_id"][target == 1].unique()
        sizes = frame["user_id"].value_counts().loc[with_click]
        user = sizes.index[np.argmin(np.abs(sizes.to_numpy() - 16))]
        rows = (frame["user_id"] == user).to_numpy()
        of_user, clicked = frame[rows], target[rows].astype(bool)
        days = (of_user["pt_d"] - X["pt_d"].min()).dt.total_seconds() / 86_400
        slots = of_user["slot_id"].astype(int)
        axis.scatter(days, slots, s=40, color="#4c72b0", label="impression")
        axis.scatter(
            days[clicked],
            slots[clicked],
            s=130,
            marker="*",
            color="#c44e52",
            label="click",
        )
        first = of_user.iloc[0]
        axis.set_title(
            f"{title}: {user}, age {first['age']}, city {first['city']}, "
            f"device {first['device_name']}",
            loc="left",
            fontsize=10,
        )
        axis.set_ylabel("slot")
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].legend(loc="lower right", bbox_to_anchor=(1, 1), frameon=False, ncols=2)
    axes[1].set_xlabel("days")
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main(sys.argv[1])
