import pytest

from anlan.simulate.results import reach


@pytest.fixture(autouse=True)
def data_of_its_own(settings, tmp_path):
    """Files of runs and pictures in a folder that goes with the test."""
    settings.DATA_DIR = tmp_path
    settings.CACHE_DIR = tmp_path / "cache"
    reach.forget()
