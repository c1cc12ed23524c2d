"""A command that is given a wrong file says in Chinese what is wrong with it."""

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from anlan.base import given_files
from anlan.base.errors import BadInput


def test_an_editors_byte_order_mark_is_no_part_of_the_text(tmp_path):
    file = tmp_path / "plan.toml"
    file.write_bytes("\ufeffname = '防汛'".encode())
    assert given_files.read_toml(file) == {"name": "防汛"}


def test_each_reason_is_said_in_the_users_language(tmp_path):
    gbk, broken = tmp_path / "gbk.toml", tmp_path / "broken.toml"
    gbk.write_bytes("name = '防汛'".encode("gbk"))
    broken.write_text("name 防汛")
    reasons = {
        tmp_path / "none.toml": "文件不存在",
        tmp_path: "这是一个文件夹",
        gbk: "文件不是 UTF-8 编码",
        broken: "不符合 TOML 格式",
    }
    for file, reason in reasons.items():
        with translation.override("zh-hans"), pytest.raises(BadInput) as refused:
            given_files.read_toml(file)
        assert reason in refused.value.message
        assert file.name in refused.value.message


@pytest.mark.parametrize(
    "words",
    [
        ("divisions", "import"),
        ("roads", "import"),
        ("population", "import", "--source", "统计局"),
        ("enterprises", "import"),
        ("industries", "import"),
        ("standards", "load"),
        ("draw", "verify"),
    ],
)
def test_a_file_that_is_not_there_ends_the_command(words, tmp_path, db):
    verb, action, *more = words
    with translation.override("zh-hans"), pytest.raises(CommandError, match="文件不存在"):
        call_command(verb, action, str(tmp_path / "none"), *more)
