import pytest

from .factories import Bureau


@pytest.fixture(autouse=True)
def files_here(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"


@pytest.fixture
def bureau():
    return Bureau()
