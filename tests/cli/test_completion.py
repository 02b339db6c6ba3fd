"""`antechamber completion`: what the shells make of it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from antechamber import __main__
from antechamber.cli.completion import SHELLS

COMPLETE = """
COMP_WORDS=({words})
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
function_of=$(complete -p {program} | sed 's/.*-F \\([^ ]*\\).*/\\1/')
$function_of {program} "${{COMP_WORDS[$COMP_CWORD]}}"
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def script(shell: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert __main__.main(["completion", shell]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("antechamber ba", ["backup"]),
        ("antechamber join --acc", ["--accept-files"]),
        ("antechamber join --accept-files a", ["ask", "always"]),
        ("antechamber completion f", ["fish"]),
        ("chatclient --pl", ["--plain"]),
        ("chatserver --log-level w", ["warning"]),
    ],
)
def test_bash_completes(words: str, values: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    asked = script("bash", capsys) + COMPLETE.format(words=words, program=words.split(maxsplit=1)[0])
    ran = subprocess.run(["bash", "--norc", "-c", asked], capture_output=True, text=True, check=True)
    assert ran.stderr == ""
    assert [line.strip() for line in ran.stdout.split()] == values


@pytest.mark.skipif(shutil.which("fish") is None, reason="there is no fish here")
@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("antechamber ba", ["backup"]),
        ("antechamber join --acc", ["--accept-files"]),
        ("antechamber join --accept-files a", ["ask", "always"]),
        ("antechamber completion f", ["fish"]),
        ("./antechamber ba", ["backup"]),
        ("chatclient --pl", ["--plain"]),
        ("chatserver --log-level w", ["warning"]),
    ],
)
def test_fish_completes(words: str, values: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    asked = f"{script('fish', capsys)}\ncomplete -C '{words}'\n"
    ran = subprocess.run(
        ["fish", "--no-config"],
        input=asked,
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    offered = [line.partition("\t")[0] for line in ran.stdout.splitlines()]
    assert [word for word in offered if word.startswith(words.rsplit(maxsplit=1)[-1])] == values


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_reads_its_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = script(shell, capsys)
    assert all(program in text for program in ("antechamber", "chatserver", "chatclient"))
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=text, text=True, check=True)


def test_another_shell_is_told_which_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        __main__.main(["completion", "csh"])
    assert exit_.value.code == 1
    assert "choose from" in capsys.readouterr().err
