"""A takeback adapter for notepad9, an editor that does not exist.

notepad9 keeps everything in `~/.notepad9`, or where `$NOTEPAD9_HOME` says:

    settings.json      what the person set, with an API token and a list of folders
    snippets/**        texts to insert
    skills/<name>/     skills, each with a SKILL.md
    history.jsonl      what was typed, one JSON value a line, only appended to
    cache/**           can be made again
    extensions.json    names of installed extensions; the code is fetched by the tool

An adapter only describes. It opens no file: takeback reads and writes, after it has
checked every word that is said here.
"""

import json
import re

import wit_world
from wit_world.imports import types as t

# The variable that moves notepad9's directory, as its manual says.
HOME_VARIABLE = "NOTEPAD9_HOME"


class WitWorld(wit_world.WitWorld):
    def describe(self) -> t.Identity:
        """Always the same. The scope is what a person agrees to when adding the adapter."""
        return t.Identity(
            id="notepad9",
            name="Notepad 9",
            version="0.1.0",
            description="Settings, snippets, skills and history of Notepad 9",
            homepage="https://example.invalid/notepad9",
            licence="MIT OR Apache-2.0",
            variables=[HOME_VARIABLE],
            scope=[
                t.Location(t.Base_Home(), ".notepad9"),
                t.Location(t.Base_Variable(HOME_VARIABLE), ""),
            ],
            probes=[],
        )

    def declare(self, facts: t.Facts) -> t.Declaration:
        """What to keep. Rules are tried in order, and what none of them names is left alone.

        To refuse: `raise componentize_py_types.Err(t.Refusal_UnsupportedSystem())`.
        """
        place = Place(facts)
        return t.Declaration(
            rules=[
                # On another machine only the shortcuts are merged into what is there.
                place.file(
                    "settings",
                    "settings.json",
                    t.Class.SETTINGS,
                    t.RuleOption_Kind(t.Kind_Json(["shortcuts"])),
                    t.RuleOption_Secret("/account/token"),
                    t.RuleOption_MachinePath("/recentFolders/*"),
                ),
                place.tree("snippets", "snippets", t.Class.INSTRUCTIONS),
                place.tree("skills", "skills", t.Class.SKILLS),
                place.file(
                    "history",
                    "history.jsonl",
                    t.Class.HISTORY,
                    t.RuleOption_Kind(t.Kind_Jsonl()),
                ),
                # `after_restore` wants to see this one.
                place.file(
                    "extensions", "extensions.json", t.Class.PLUGINS, t.RuleOption_ReadBack()
                ),
                # Never kept; named so that takeback can say what it left out.
                place.tree("cache", "cache", t.Class.CACHE),
            ],
            tallies=[
                t.Tally("snippet", "snippets", place.at("snippets"), t.TallyOf_Files("**/*")),
                t.Tally("skill", "skills", place.at("skills"), t.TallyOf_Folders(SKILL_FOLDERS)),
            ],
            running=[t.RunningCheck_Process("notepad9")],
            notes=["Unsaved drafts live in memory only and are not in a backup."],
        )

    def after_restore(self, facts: t.Facts, outcome: t.Outcome) -> list[t.Hint]:
        """What is left to do. Commands are shown for pasting; takeback never runs them."""
        hints = []
        names = [name for file in outcome.files for name in extension_names(file)]
        if names:
            hints.append(reinstall(names))
        if outcome.machine_changed:
            step = "Start notepad9 and choose Account, Sign in."
            summary = "Sign in to Notepad 9 again."
            hints.append(t.Hint(t.Severity.ACTION, summary, [step], [], None))
        return hints


class Place:
    """Where notepad9 keeps its files on this machine."""

    def __init__(self, facts: t.Facts):
        # The variable counts only if takeback says that it is set to a directory.
        moved = any(variable.name == HOME_VARIABLE for variable in facts.variables)
        self.base = t.Base_Variable(HOME_VARIABLE) if moved else t.Base_Home()
        self.prefix = "" if moved else ".notepad9/"

    def at(self, path: str) -> t.Location:
        return t.Location(self.base, self.prefix + path)

    def file(self, id: str, path: str, class_: t.Class, *options: t.RuleOption) -> t.Rule:
        return t.Rule(id, self.at(path), t.Shape.FILE, [], [], class_, list(options))

    def tree(self, id: str, path: str, class_: t.Class) -> t.Rule:
        return t.Rule(id, self.at(path), t.Shape.DIRECTORY, [], [], class_, [])


# A skill is a folder with a `SKILL.md`, directly below `skills`.
SKILL_FOLDERS = t.FolderTally(marker="SKILL.md", depth=1, unless=[])


def extension_names(file: t.ReadBackFile) -> list[str]:
    """The names in `extensions.json`, which is a flat list of strings: `["a", "b"]`.

    The file comes from an archive that anybody may have written, so only names that are
    safe to paste into a shell are let through.
    """
    try:
        names = json.loads(file.content)
    except ValueError:
        return []
    if not isinstance(names, list):
        return []
    harmless = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*", re.ASCII)
    return [name for name in names if isinstance(name, str) and harmless.fullmatch(name)]


def reinstall(names: list[str]) -> t.Hint:
    lines = [f"notepad9 --install-extension {name}" for name in names]
    return t.Hint(
        severity=t.Severity.ACTION,
        summary="Extensions are listed in the backup, but their code is not.",
        steps=["Paste these commands to install them again."],
        commands=[t.CommandBlock(t.Shell.TERMINAL, "", lines)],
        save=None,
    )
