"""Make dist/anlan-<version>/: everything that a server without internet needs.

    python3 tools/release.py

Wheels of every locked package (checked by hash), our own wheel with the built front end and the
compiled translations, install.sh, deploy/ and docs/. install.sh asks no registry.
"""

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv" / "bin" / "python"
BUILD = ROOT / "src/anlan/web/static/web/build"

INSTALL = """#!/bin/sh
# Install Anlan from this folder alone: sudo ./install.sh [/opt/anlan]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=${1:-/opt/anlan}
python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "Anlan needs Python 3.11 or newer / 需要 Python 3.11 以上" >&2; exit 1; }
(cd "$here" && sha256sum --quiet -c SHA256SUMS) || {
  echo "This folder is damaged / 安装目录已损坏" >&2; exit 1; }
mkdir -p "$target"
"$python" -m venv "$target/venv"
"$target/venv/bin/python" -m pip install --quiet --disable-pip-version-check \\
  --no-index --find-links "$here/wheels" --require-hashes -r "$here/requirements.lock"
"$target/venv/bin/python" -m pip install --quiet --disable-pip-version-check \\
  --no-index --no-deps --force-reinstall "$here"/wheels/anlan-*.whl
cp -r "$here/deploy" "$here/docs" "$target/"
echo "Installed / 已安装：$target/venv/bin/anlan"
"""


def run(*words: str | Path) -> None:
    subprocess.run([str(word) for word in words], cwd=ROOT, check=True)


def version() -> str:
    text = (ROOT / "src/anlan/__init__.py").read_text(encoding="utf-8")
    found = re.search(r'__version__ = "([^"]+)"', text)
    if found is None:
        sys.exit("src/anlan/__init__.py says no version")
    return found[1]


def collect_wheels(wheels: Path) -> None:
    """As the lock file says, hashes checked; a package without a wheel is built here."""
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check"]
    lock = ROOT / "requirements.lock"
    run(*pip, "wheel", "--quiet", "--no-deps", "--require-hashes", "-r", lock, "-w", wheels)
    run(*pip, "wheel", "--quiet", "--no-deps", ROOT, "-w", wheels)


def check_own_wheel(wheels: Path) -> None:
    """Without the built front end or the translations it would be an empty shell."""
    import zipfile

    (own,) = wheels.glob("anlan-*.whl")
    names = zipfile.ZipFile(own).namelist()
    for wanted in ("web/static/web/build/", "locale/zh_Hans/LC_MESSAGES/django.mo", "demo/data/"):
        if not any(wanted in name for name in names):
            sys.exit(f"{own.name} lacks {wanted}")


def write_sums(folder: Path) -> None:
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "SHA256SUMS")
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}\n"
        for path in files
    ]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def main() -> None:
    run(sys.executable, ROOT / "tools/setup.py", "--frontend")
    if not BUILD.is_dir():
        sys.exit("the front end was not built")
    folder = ROOT / "dist" / f"anlan-{version()}"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "wheels").mkdir(parents=True)
    collect_wheels(folder / "wheels")
    check_own_wheel(folder / "wheels")
    for name in ("deploy", "docs"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("requirements.lock", "LICENSE", "NOTICE", "README.md", "CHANGELOG.md"):
        shutil.copy(ROOT / name, folder / name)
    script = folder / "install.sh"
    script.write_text(INSTALL, encoding="utf-8")
    script.chmod(0o755)
    write_sums(folder)
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    wheels = len(list((folder / "wheels").iterdir()))
    print(f"{folder.relative_to(ROOT)}: {wheels} wheels, {sum(sizes) / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
