"""Files that anybody may have sent to a client: they lie where it saves them, and do harm once they are imported."""

import sys
from pathlib import Path

_MODULES = sys.stdlib_module_names | {"pip", "venv", "sitecustomize", "usercustomize", "org", "tiny", "antechamber"}
_TOOLS = {"pytest", "_pytest", "conftest", "pluggy", "xdist", "execnet", "coverage", "pytest_cov", "hypothesis", "mypy"}
_TOOLS |= {"mypyc", "ruff", "hatchling", "hatch_build", "setup", "tests", "bench", "src", "msgspec", "test_received"}
_CONFIGS = {"pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg", "mypy.ini", ".mypy.ini"}
_CONFIGS |= {"ruff.toml", ".ruff.toml", ".coveragerc", ".ignore", "hatch.toml", "a.md", "chat_notes.py"}
_HARM = "raise SystemExit(f'{__file__} was imported')"


def receive(folder: Path, *modules: str) -> None:
    """Put files with the names of `modules`, or of all modules and configs, into `folder` where none is so far."""
    names = [f"{module}.py" for module in modules or (*_MODULES, *_TOOLS, "__init__", "__main__")]
    for name in names if modules else (*names, *_CONFIGS):
        path = folder / name
        if not path.exists():
            path.write_text("*" if name == ".ignore" else _HARM, encoding="utf-8")
