//! An agent of launchd, as text. The format is checked on Linux; no macOS has run it yet.

use super::job::Job;
use super::mark;
use super::tool::Call;
use super::unit::Units;
use std::path::Path;

/// The agent's name.
pub(super) const LABEL: &str = "takeback.schedule";
const FILE: &str = "takeback.schedule.plist";

/// The agent of a job, in the home directory of the person with this number.
pub(super) fn units(job: &Job, home: &Path, user: u32) -> Units {
    Units {
        files: vec![(FILE, plist(job))],
        ..none(home, user)
    }
}

/// Where it would be.
pub(super) fn none(home: &Path, user: u32) -> Units {
    let dir = home.join("Library/LaunchAgents");
    let (domain, path) = (format!("gui/{user}"), dir.join(FILE));
    let agent = agent(user);
    let out = || Call::new("launchctl", &["bootout", &agent]);
    Units {
        files: vec![(FILE, String::new())],
        // One that is there already keeps what it was told first.
        on: vec![
            out().may_fail(),
            Call::new(
                "launchctl",
                &["bootstrap", &domain, &path.to_string_lossy()],
            ),
        ],
        off: vec![out()],
        gone: Vec::new(),
        dir,
    }
}

/// The agent's full name.
pub(super) fn agent(user: u32) -> String {
    format!("gui/{user}/{LABEL}")
}

fn plist(job: &Job) -> String {
    let line = |text: &str| format!("    <string>{}</string>\n", escaped(text));
    let words: String = job.words().map(line).collect();
    let variable = |(name, value): (&String, &String)| {
        let (name, value) = (escaped(name), escaped(value));
        format!("    <key>{name}</key>\n    <string>{value}</string>\n")
    };
    let variables: String = job.environment.iter().map(variable).collect();
    let variables = if variables.is_empty() {
        variables
    } else {
        format!("  <key>EnvironmentVariables</key>\n  <dict>\n{variables}  </dict>\n")
    };
    let interval: String = job
        .when
        .interval()
        .iter()
        .map(|(name, value)| format!("    <key>{name}</key>\n    <integer>{value}</integer>\n"))
        .collect();
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    let rest = format!(
        "\
<!-- Written by `takeback schedule install`; `takeback schedule remove` removes it. -->
<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \
\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">
<plist version=\"1.0\">
<dict>
  <key>Label</key>
  <string>{LABEL}</string>
  <key>ProgramArguments</key>
  <array>
{words}  </array>
{variables}  <key>StartCalendarInterval</key>
  <dict>
{interval}  </dict>
  <key>ProcessType</key>
  <string>Background</string>
  <key>LowPriorityIO</key>
  <true/>
  <key>Nice</key>
  <integer>10</integer>
</dict>
</plist>
"
    );
    let mark = mark::mark(job.when, &format!("{head}{rest}"));
    format!("{head}<!-- {mark} -->\n{rest}")
}

/// Text between two tags of XML.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}
