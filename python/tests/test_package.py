"""What is in the package that people install."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import hatchling.build
import pytest

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(PROJECT)
    return tmp_path / hatchling.build.build_wheel(str(tmp_path))


def test_the_wheel_is_complete(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
        metadata = archive.read("authgate_fastapi-0.1.0.dist-info/METADATA").decode()
        terms = archive.read("authgate_fastapi-0.1.0.dist-info/licenses/LICENSE")
    assert terms == (PROJECT.parent / "LICENSE").read_bytes()
    sources = {str(path.relative_to(PROJECT / "src")) for path in (PROJECT / "src").rglob("*.py")}
    assert {path for path in packed if ".dist-info/" not in path} == {*sources, "authgate_fastapi/py.typed"}
    lines = metadata.splitlines()
    requirements = sorted(line.split(": ")[1] for line in lines if line.startswith("Requires-Dist"))
    assert requirements == ["fastapi>=0.115", "pyjwt[crypto]>=2.12"]
    assert "Requires-Python: >=3.9" in lines
    versions = re.findall(r"^Classifier: Programming Language :: Python :: (3\.\d+)$", metadata, re.MULTILINE)
    assert versions == [f"3.{minor}" for minor in range(9, 15)]


def test_the_app_needs_neither_pytest_nor_a_test_client(wheel: Path) -> None:
    program = """if True:
        import sys
        sys.path.insert(0, sys.argv[1])
        import authgate_fastapi
        assert authgate_fastapi.__file__.startswith(sys.argv[1])
        unwanted = {"pytest", "httpx", "httpx2", "authgate_fastapi.testing"} & set(sys.modules)
        assert not unwanted, unwanted
    """
    subprocess.run([sys.executable, "-c", program, str(wheel)], check=True, env={})
