"""What the tests of the protocol share: the shipped library, and texts to spoil."""

import pytest

from sizao.protocol import FaultyProtocol, shipped
from sizao.protocol.load import load_edition
from sizao.protocol.shipped import shipped_text


@pytest.fixture(scope="session")
def library():
    return shipped()


@pytest.fixture(scope="session")
def edition_8():
    return shipped_text("editions/edition-8.toml")


@pytest.fixture
def faults_of():
    """Load an edition that is wrong, and give its faults as sentences."""

    def sentences(text, load=load_edition):
        with pytest.raises(FaultyProtocol) as refused:
            load(text, "file.toml")
        return [str(fault) for fault in refused.value.faults]

    return sentences
