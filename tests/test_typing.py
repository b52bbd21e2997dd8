"""What a type checker sees of the public names."""

import pytest

import skgen


def check(tmp_path, code):
    api = pytest.importorskip("mypy.api", reason="mypy comes with the extra lint")
    file = tmp_path / "snippet.py"
    file.write_text(code)
    options = [
        "--ignore-missing-imports",
        f"--cache-dir={tmp_path}",
        "--follow-imports",
    ]
    return api.run([*options, "silent", str(file)])[0]


def test_generators_are_classes_with_their_parameters(tmp_path):
    said = check(
        tmp_path,
        "import skgen\n"
        "reveal_type(skgen.CTGAN(epochs=3))\n"
        "reveal_type(skgen.AutoregressiveTrees().fit([[1]]))\n"
        "skgen.CTGAN(epoch=3)\n"
        "skgen.AutoregressiveTrees(min_samples_leaf='five')\n",
    )
    assert 'Revealed type is "skgen.neural.gan.ctgan.CTGAN"' in said
    assert 'Revealed type is "skgen.trees.autoregressive.AutoregressiveTrees"' in said
    assert 'Unexpected keyword argument "epoch" for "CTGAN"' in said
    assert 'incompatible type "str"; expected "int"' in said


def test_dir_lists_public_names_alone():
    assert dir(skgen) == sorted(skgen.__all__)
    assert not [name for name in dir(skgen) if name.startswith("_")]
