// A takeback adapter for notepad9, an editor that does not exist.
//
// notepad9 keeps everything in `~/.notepad9`, or where `$NOTEPAD9_HOME` says:
//
//   settings.json      what the person set, with an API token and a list of folders
//   snippets/**        texts to insert
//   skills/<name>/     skills, each with a SKILL.md
//   history.jsonl      what was typed, one JSON value a line, only appended to
//   cache/**           can be made again
//   extensions.json    names of installed extensions; the code is fetched by the tool
//
// An adapter only describes. It opens no file: takeback reads and writes, after it has
// checked every word that is said here.

// The variable that moves notepad9's directory, as its manual says.
const HOME_VARIABLE = "NOTEPAD9_HOME";
const IN_HOME = { tag: "home" };
const IN_VARIABLE = { tag: "variable", val: HOME_VARIABLE };

// Always the same. The scope is what a person agrees to when adding the adapter.
export function describe() {
  return {
    id: "notepad9",
    name: "Notepad 9",
    version: "0.1.0",
    description: "Settings, snippets, skills and history of Notepad 9",
    homepage: "https://example.invalid/notepad9",
    licence: "MIT OR Apache-2.0",
    variables: [HOME_VARIABLE],
    scope: [
      { base: IN_HOME, path: ".notepad9" },
      { base: IN_VARIABLE, path: "" },
    ],
    probes: [],
  };
}

// What to keep. Rules are tried in order, and what none of them names is left alone.
// To refuse, throw: `throw { tag: "unsupported-system" }`.
export function declare(facts) {
  const at = placeOf(facts);
  const file = (id, path, kind, options = []) =>
    ({ id, at: at(path), shape: "file", take: [], leave: [], class: kind, options });
  const tree = (id, path, kind) => ({ ...file(id, path, kind), shape: "directory" });
  return {
    rules: [
      // On another machine only the shortcuts are merged into what is there.
      file("settings", "settings.json", "settings", [
        { tag: "kind", val: { tag: "json", val: ["shortcuts"] } },
        { tag: "secret", val: "/account/token" },
        { tag: "machine-path", val: "/recentFolders/*" },
      ]),
      tree("snippets", "snippets", "instructions"),
      tree("skills", "skills", "skills"),
      file("history", "history.jsonl", "history", [{ tag: "kind", val: { tag: "jsonl" } }]),
      // `afterRestore` wants to see this one.
      file("extensions", "extensions.json", "plugins", [{ tag: "read-back" }]),
      // Never kept; named so that takeback can say what it left out.
      tree("cache", "cache", "cache"),
    ],
    tallies: [
      { noun: "snippet", plural: "snippets", at: at("snippets"), of: { tag: "files", val: "**/*" } },
      { noun: "skill", plural: "skills", at: at("skills"), of: { tag: "folders", val: SKILL_FOLDERS } },
    ],
    running: [{ tag: "process", val: "notepad9" }],
    notes: ["Unsaved drafts live in memory only and are not in a backup."],
  };
}

// What is left to do. Commands are shown for pasting; takeback never runs them.
export function afterRestore(_facts, outcome) {
  const hints = [];
  const names = outcome.files.flatMap(extensionNames);
  if (names.length > 0) hints.push(reinstall(names));
  if (outcome.machineChanged) {
    hints.push({
      severity: "action",
      summary: "Sign in to Notepad 9 again.",
      steps: ["Start notepad9 and choose Account, Sign in."],
      commands: [],
    });
  }
  return hints;
}

// Makes places of this machine. The variable counts only if takeback says that it is set
// to a directory.
function placeOf(facts) {
  const moved = facts.variables.some((variable) => variable.name === HOME_VARIABLE);
  return (path) =>
    moved ? { base: IN_VARIABLE, path } : { base: IN_HOME, path: `.notepad9/${path}` };
}

// A skill is a folder with a `SKILL.md`, directly below `skills`.
const SKILL_FOLDERS = { marker: "SKILL.md", depth: 1, unless: [] };

// The names in `extensions.json`, which is a flat list of strings: `["a", "b"]`. The file
// comes from an archive that anybody may have written, so only names that are safe to
// paste into a shell are let through.
function extensionNames(file) {
  const text = Array.from(file.content, (byte) => String.fromCharCode(byte)).join("");
  try {
    return JSON.parse(text).filter((name) => /^[A-Za-z0-9][A-Za-z0-9-]*$/.test(name));
  } catch {
    return [];
  }
}

function reinstall(names) {
  return {
    severity: "action",
    summary: "Extensions are listed in the backup, but their code is not.",
    steps: ["Paste these commands to install them again."],
    commands: [
      {
        shell: "terminal",
        heading: "",
        lines: names.map((name) => `notepad9 --install-extension ${name}`),
      },
    ],
  };
}
