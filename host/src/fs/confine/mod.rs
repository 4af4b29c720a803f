//! The kernel's own limit on where this process may write (Landlock, Linux 5.19 and
//! later): a second wall behind the checks of paths, should one of them be wrong.
//!
//! What is absent: no limit on reading, on the network, on files that are already open, nor
//! on modes, owners and times of files, which the kernel's limit does not know.

#[cfg(test)]
mod tests;

use super::dir::Dir;

/// Whether the limit holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Confinement {
    /// From now on nothing else can be written.
    Enforced,
    /// The system has no such limit; why, for a log. Nothing has changed.
    NotAvailable(String),
}

/// Lets this thread, and every thread and process it starts from now on, write, make,
/// remove, rename, link and truncate only in these directories and below them, and write
/// to `/dev/null` and the terminal. Reading stays as free as it was, and what is already
/// open stays open. There is no way back, so it belongs right before the work. What does
/// not exist yet has no handle: make it first, or allow the directory it will lie in.
///
/// Threads that already run are not held. A confined thread can no longer see which files
/// other programs hold open; a [`Lookout`](super::Lookout) that was posted before can.
pub fn confine_writes(allowed: &[&Dir]) -> Confinement {
    limit(allowed)
}

#[cfg(not(target_os = "linux"))]
fn limit(_: &[&Dir]) -> Confinement {
    Confinement::NotAvailable("this system cannot limit where a process writes".to_owned())
}

#[cfg(target_os = "linux")]
fn limit(allowed: &[&Dir]) -> Confinement {
    use landlock::RulesetStatus;
    match linux::restrict(allowed) {
        Ok(RulesetStatus::NotEnforced) => {
            Confinement::NotAvailable("the kernel does not enforce it".to_owned())
        }
        Ok(_) => Confinement::Enforced,
        Err(e) => Confinement::NotAvailable(e.to_string()),
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use super::Dir;
    use landlock::{
        ABI, AccessFs, CompatLevel, Compatible, PathBeneath, Ruleset, RulesetAttr,
        RulesetCreatedAttr, RulesetError, RulesetStatus,
    };
    use rustix::fs::{Mode, OFlags};

    /// What one writes to without changing a file.
    const DEVICES: [&str; 2] = ["/dev/null", "/dev/tty"];

    pub(super) fn restrict(allowed: &[&Dir]) -> Result<RulesetStatus, RulesetError> {
        // The first version of Landlock forbids every rename to another directory, which
        // would stop a restore. Later ones also know truncation by path, where they do.
        let needed = AccessFs::from_write(ABI::V2);
        let rights = needed | AccessFs::Truncate;
        let mut rules = Ruleset::default()
            .set_compatibility(CompatLevel::HardRequirement)
            .handle_access(needed)?
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::Truncate)?
            .create()?;
        for dir in allowed {
            rules = rules.add_rule(PathBeneath::new(dir.fd(), rights))?;
        }
        for device in DEVICES {
            if let Ok(fd) = rustix::fs::open(device, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())
            {
                let write = AccessFs::WriteFile | AccessFs::Truncate;
                rules = rules.add_rule(PathBeneath::new(fd, write))?;
            }
        }
        Ok(rules.restrict_self()?.ruleset)
    }
}
