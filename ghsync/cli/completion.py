"""``completion``: the script that teaches a shell to complete, and the answers to that script.

click finds out what is being completed; the scripts are ours, because click's (8.1 to 8.5) let
bash expand ``*`` in a value, ask bash 3.2 for what it cannot do, and cut a value at its comma in
fish.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from ghsync.errors import ExitCode, UsageError

VARIABLE = "_GHSYNC_COMPLETE"
"""Set by the script when it asks; its value names the shell."""

_BASH = """\
# bash completion for ghsync; made by: ghsync completion bash
%(complete_func)s() {
    local IFS=$'\\n' type value
    COMPREPLY=()
    while IFS=',' read -r type value; do
        case $type in
            dir) compopt -o dirnames 2>/dev/null ;;
            file) compopt -o default 2>/dev/null ;;
            plain)
                [[ $value == */ ]] && compopt -o nospace 2>/dev/null
                [[ ${COMP_WORDS[COMP_CWORD]} == [\\"\\']* ]] || printf -v value %%q "$value"
                COMPREPLY+=("$value") ;;
        esac
    done < <(env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD="$COMP_CWORD" \\
        %(complete_var)s=bash_complete "$1" 2>/dev/null)
}
complete -o nosort -F %(complete_func)s %(prog_name)s 2>/dev/null ||
    complete -F %(complete_func)s %(prog_name)s
"""

_ZSH = """\
#compdef ghsync
# zsh completion for ghsync; made by: ghsync completion zsh
%(complete_func)s() {
    local -a plain folders described response
    local type key descr
    (( ! $+commands[%(prog_name)s] )) && return 1
    response=("${(@f)$(env COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT-1)) \\
        %(complete_var)s=zsh_complete %(prog_name)s 2>/dev/null)}")
    for type key descr in ${response}; do
        if [[ $type == dir ]]; then
            _path_files -/
        elif [[ $type == file ]]; then
            _path_files -f
        elif [[ $type == plain && $descr != _ ]]; then
            described+=("$key":"$descr")
        elif [[ $type == plain && $key == */ ]]; then
            folders+=("$key")
        elif [[ $type == plain ]]; then
            plain+=("$key")
        fi
    done
    (( $#described )) && _describe -V unsorted described -U
    (( $#plain )) && compadd -U -V unsorted -a plain
    (( $#folders )) && compadd -U -V unsorted -S '' -a folders
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""

_FISH = """\
# fish completion for ghsync; made by: ghsync completion fish
function %(complete_func)s
    set -l words (commandline -cp)
    set -l word (commandline -ct)
    set -l response (env %(complete_var)s=fish_complete COMP_WORDS="$words" COMP_CWORD="$word" \\
        %(prog_name)s 2>/dev/null)
    for completion in $response
        set -l parts (string split --max 1 "," -- $completion)
        switch $parts[1]
            case dir
                __fish_complete_directories $parts[2]
            case file
                __fish_complete_path $parts[2]
            case plain
                echo $parts[2]
        end
    end
end
complete --no-files --keep-order --command %(prog_name)s --arguments "(%(complete_func)s)"
"""


class _Bash(BashComplete):
    source_template = _BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words so far; to bash the `=` between option and value is a word of its own."""
        args, incomplete = super().get_completion_args()
        return [word for word in args if word != "="], "" if incomplete == "=" else incomplete


class _Zsh(ZshComplete):
    source_template = _ZSH


class _Fish(FishComplete):
    source_template = _FISH


_SHELLS: Mapping[str, type[ShellComplete]] = {"bash": _Bash, "zsh": _Zsh, "fish": _Fish}


def answer(group: click.Group, asked: str) -> int:
    """Answer the script of a shell; whatever goes wrong, there is then nothing to offer."""
    shell = _SHELLS.get(asked.partition("_")[0])
    if shell is None:
        return ExitCode.USAGE
    with suppress(Exception):
        click.echo(shell(group, {}, "ghsync", VARIABLE).complete())
    return ExitCode.DONE


@click.command()
@click.argument("shell", required=False, type=click.Choice(list(_SHELLS)))
def completion(shell: str | None) -> int:
    """Print the script with which SHELL completes commands, options, keys, layouts and runs.

    Without SHELL, for the one that $SHELL names. In ~/.bashrc: eval "$(ghsync completion bash)"
    """
    name = shell or os.environ.get("SHELL", "").rpartition("/")[2]
    if name not in _SHELLS:
        raise UsageError(
            f"There is no completion for {name!r}." if name else "No shell is named.",
            hint="Name one: ghsync completion bash, ghsync completion zsh, ghsync completion fish",
        )
    script = _SHELLS[name](click.Group(), {}, "ghsync", VARIABLE)
    click.echo(script.source_template % script.source_vars(), nl=False)
    return ExitCode.DONE
