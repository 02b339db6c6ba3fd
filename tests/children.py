"""Processes of Python that tests start with code of their own."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
IMPORTING_TESTS = f"""
import sys
sys.path.insert(0, {str(ROOT / "src")!r})
from antechamber.bootstrap.launch import add_folders
add_folders({str(ROOT)!r}, "tests")
"""
"""What code begins with that imports what tests share."""
