import pytest

from skgen.cli import parse_generator, split_specs
from skgen.copula import GaussianCopula
from skgen.hybrid import Hybrid


@pytest.mark.parametrize(
    "name", ["GaussianCopula", "gaussian-copula", "gaussian_copula", "gaussiancopula"]
)
def test_names_in_any_spelling(name):
    assert type(parse_generator(name).generator) is GaussianCopula


def test_parameters_of_generators():
    spec = parse_generator("smotenc(k_neighbors=3, sampling_strategy={1: 50})")
    assert spec.generator.k_neighbors == 3
    assert spec.generator.sampling_strategy == {1: 50}
    assert not spec.takes_strategy
    assert parse_generator("smotenc()").takes_strategy
    nested = parse_generator("Hybrid(generator=smotenc(k_neighbors=2))").generator
    assert type(nested) is Hybrid
    assert nested.generator.k_neighbors == 2


def test_commas_in_brackets_and_quotes_do_not_split():
    text = "smotenc, SMOTE(a=(1, 2), b={'x,': [3, 4]}),,hybrid"
    expected = ["smotenc", "SMOTE(a=(1, 2), b={'x,': [3, 4]})", "hybrid"]
    assert split_specs([text]) == expected
    assert split_specs(text.split(",,")) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("smotencc", "no generator 'smotencc'. Did you mean SMOTENC?"),
        ("augment", "no generator 'augment'"),
        ("smotenc(k=3)", r"SMOTENC has no parameter 'k'. It takes .*k_neighbors"),
        ("smotenc(3)", "write parameters as name=value"),
        ("smotenc(k_neighbors=open('x'))", "There is no generator 'open'"),
        ("smotenc(k_neighbors=__import__('os').getpid())", "is no literal"),
        ("smotenc(k_neighbors=1 if 1 else 2)", "is no literal"),
        ("smotenc(k_neighbors=", "is no generator: write"),
        ("smotenc()()", "is no generator: write"),
        ("3", "is no generator: write"),
    ],
)
def test_unreadable_generators(text, message):
    with pytest.raises(ValueError, match=message):
        parse_generator(text)
