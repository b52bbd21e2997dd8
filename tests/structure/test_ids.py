import re
import uuid

import numpy as np
import pandas as pd
import pytest

from skgen.structure._ids import IdForm, learn_form, new_ids

RNG = np.random.RandomState(0)
HEX = [uuid.UUID(bytes=RNG.bytes(16)).hex[:8] for _ in range(200)]
UUIDS = [str(uuid.UUID(bytes=RNG.bytes(16), version=4)) for _ in range(200)]


@pytest.mark.parametrize(
    ("values", "kind", "pattern"),
    [
        (UUIDS, "uuid", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        (HEX, "pattern", "[0-9a-f]{8}"),
        ([f"user_{i:05d}" for i in range(0, 9000, 50)], "numbered", r"user_\d{5}"),
        ([f"u{i}" for i in range(0, 9000, 50)], "numbered", r"u\d+"),
        ([f"{i:05d}" for i in range(0, 9000, 50)], "numbered", r"\d{5}"),
        ([f"AB-{i:03d}-x" for i in range(200)], "pattern", r"AB-\d\d\d-x"),
    ],
)
def test_new_ids_have_the_form_of_the_old(values, kind, pattern):
    old = pd.Series(values)
    form = learn_form(old)
    assert form.kind == kind
    assert form.is_id_like
    made = new_ids(form, 500, pd.Index(old), np.random.RandomState(1))
    assert len(set(made)) == 500
    assert not set(made) & set(values)
    assert all(re.fullmatch(pattern, text) for text in made)


def test_integers_stay_in_their_range_and_contiguous_ones_continue():
    apart = pd.Series(np.random.RandomState(0).choice(10**6, 300, replace=False) + 5)
    made = new_ids(learn_form(apart), 200, pd.Index(apart), np.random.RandomState(0))
    assert apart.min() <= made.min() <= made.max() <= apart.max()
    assert not set(made) & set(apart)
    full = pd.Series(np.random.RandomState(0).permutation(np.arange(100, 400)))
    made = new_ids(learn_form(full), 5, pd.Index(full), np.random.RandomState(0))
    assert made.tolist() == [400, 401, 402, 403, 404]


def test_words_are_no_ids():
    cities = pd.Series(["Rome", "Oslo", "Paris", "New York"])
    assert learn_form(cities) == IdForm("text")
    assert not learn_form(cities).is_id_like


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["a.b@x.org", "c@y.com", "dd@z.net"], "email"),
        (["+39 06 1234567", "+47 22 33 44 55", "030/1234567"], "phone"),
    ],
)
def test_personal_values_are_recognised_by_kind(values, kind):
    assert learn_form(pd.Series(values)).kind == kind


def test_names_are_recognised_by_the_column():
    values = pd.Series(["Ada Lovelace", "Alan Turing"], name="full_name")
    assert learn_form(values).kind == "name"


def test_personal_values_without_faker_are_refused_by_name(monkeypatch):
    monkeypatch.setattr("skgen.structure._ids.find_spec", lambda name: None)
    taken = pd.Index(["a@b.org", "c@d.org"])
    with pytest.raises(ImportError, match=r"'email' need the package faker"):
        new_ids(IdForm("email"), 3, taken, np.random.RandomState(0), name="mail")


def test_a_full_range_is_widened():
    taken = pd.Index([f"u{i}" for i in range(10)])
    made = new_ids(learn_form(taken.to_series()), 30, taken, np.random.RandomState(0))
    assert len(set(made) - set(taken)) == 30
