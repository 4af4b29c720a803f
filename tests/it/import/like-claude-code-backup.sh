#!/bin/sh
# Makes an archive in the layout of claude-code-backup 0.2, with the same commands: a staging
# directory of links, a manifest of `key: value` lines, `tar -h` from its top, a checksum beside.
# Usage: like-claude-code-backup.sh HOME PROJECT DESTINATION UTC LOCAL [full]
set -eu
home=$1 project=$2 dest=$3 utc=$4 local=$5 full=${6:-}
pruned="cache marketplaces npm-cache plugin-catalog-cache.json telemetry debug paste-cache
statsig shell-snapshots file-history tmp logs node_modules site-packages __pycache__ venv .venv
.DS_Store"

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
included=
add() {
    if [ -e "$1" ]; then
        mkdir -p "$stage/$(dirname "$2")"
        ln -s "$1" "$stage/$2"
        included="$included  - $2
"
    fi
}
add "$home/.claude" home/.claude
add "$home/.claude.json" home/.claude.json
if [ -n "$project" ]; then
    for name in .claude .mcp.json CLAUDE.md CLAUDE.local.md; do
        add "$project/$name" "project/$name"
    done
fi

{
    echo "claude-code-backup manifest"
    echo "==========================="
    printf '%-20s %s\n' \
        backup_tool_version: 0.2.0 \
        timestamp_utc: "$utc" \
        timestamp_local: "$(echo "$local" | sed 's/_/ /; s/-/:/3g') CEST" \
        hostname: "$(uname -n)" \
        username: "${USER:-$(id -u)}" \
        platform: linux \
        os_version: "$(uname -r)" \
        shell: /bin/bash \
        claude_code_version: "not found" \
        git_repository: "not in a git repo" \
        git_branch: n/a \
        working_directory: "${project:-$home}"
    printf '\nincluded_files:\n%s' "$included"
    printf '\nskipped_files:\n  (none)\n'
    printf '\npruned (large/ephemeral dir names, not backed up):\n  %s\n' "$pruned"
    printf '\nwarnings:\n  (none)\n'
} >"$stage/manifest.txt"

set --
if [ -z "$full" ]; then
    for name in $pruned; do
        set -- "$@" "--exclude=$name" "--exclude=*/$name"
    done
fi
archive="$dest/claude-code-backup-${local}_mill.tar.gz"
tar -czhf "$archive" -C "$stage" "$@" .
(cd "$dest" && sha256sum "$(basename "$archive")" >"$(basename "$archive").sha256")
echo "$archive"
