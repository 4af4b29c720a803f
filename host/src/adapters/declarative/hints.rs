//! Which hints of a file are due after a restore, and what they say then.

use super::super::{convert, wire};
use super::format::{self, Commands, Each, Hint, When};
use super::{TableRule, places, words};
use crate::model::Shown;

/// What stands for an item's word in a command.
const WORD: &str = "{}";

/// Checks that a hint speaks of rules there are, and can be shown.
pub(super) fn check(hint: &Hint, rules: &[TableRule]) -> Result<(), String> {
    let named = hint.after.iter().chain(&hint.unless);
    for name in named.chain(each(hint).map(|each| &each.rule)) {
        if !rules.iter().any(|rule| rule.rule.id == *name) {
            return Err(format!(
                "a hint speaks of the rule {}, and there is none of that name",
                Shown(name)
            ));
        }
    }
    for block in &hint.commands {
        let has_word = block.lines.iter().any(|line| line.contains(WORD));
        if has_word != block.each.is_some() {
            return Err(format!(
                "commands with `each` have {WORD} in a line for each item's word; others have none"
            ));
        }
    }
    for each in each(hint) {
        let read = |rule: &&TableRule| rule.rule.options.contains_read_back();
        if !rules
            .iter()
            .filter(read)
            .any(|rule| rule.rule.id == each.rule)
        {
            let rule = Shown(&each.rule);
            return Err(format!(
                "`each` reads files of the rule {rule}, which needs read-back = true"
            ));
        }
        words::check(each)?;
    }
    let sample = |block: &Commands| filled(block, &["x".to_owned()]);
    let blocks = hint.commands.iter().map(sample).collect();
    convert::hints(vec![said(hint, blocks, Vec::new())]).map(|_| ())
}

fn each(hint: &Hint) -> impl Iterator<Item = &Each> {
    hint.commands.iter().filter_map(|block| block.each.as_ref())
}

trait Options {
    fn contains_read_back(&self) -> bool;
}

impl Options for Vec<wire::RuleOption> {
    fn contains_read_back(&self) -> bool {
        self.iter()
            .any(|option| matches!(option, wire::RuleOption::ReadBack))
    }
}

/// A hint, if it is due.
pub(super) fn hint(
    hint: &Hint,
    facts: &wire::Facts,
    outcome: &wire::Outcome,
) -> Option<wire::Hint> {
    if !is_due(hint, facts, outcome) {
        return None;
    }
    let (mut blocks, mut steps) = (Vec::new(), Vec::new());
    let (mut asked, mut found) = (false, false);
    for block in &hint.commands {
        let Some(each) = &block.each else {
            blocks.push(filled(block, &[]));
            continue;
        };
        asked = true;
        let words = words::of(each, files(each, outcome));
        if !words.usable.is_empty() {
            found = true;
            blocks.push(filled(block, &words.usable));
        }
        if words.unusable > 0 {
            found = true;
            let from = &each.rule;
            let count = words.unusable;
            steps.push(format!(
                "Entries of {from} that are not named here, not being plain names or being too many: {count}."
            ));
        }
    }
    // A hint about items that are not there would be about nothing.
    (!asked || found).then(|| said(hint, blocks, steps))
}

/// The restored files an `each` reads: none that were there already.
fn files<'a>(each: &'a Each, outcome: &'a wire::Outcome) -> impl Iterator<Item = &'a [u8]> {
    let news = |file: &&wire::ReadBackFile| {
        is_of(&file.rule, &each.rule)
            && !matches!(
                file.disposition,
                wire::Disposition::Same | wire::Disposition::Skipped
            )
    };
    let files = outcome.files.iter().filter(news);
    files.map(|file| file.content.as_slice())
}

fn is_due(hint: &Hint, facts: &wire::Facts, outcome: &wire::Outcome) -> bool {
    if !places::includes(&hint.os, facts.os) {
        return false;
    }
    let of = |names: &[String]| {
        let names = names.to_vec();
        let rules = outcome.rules.iter();
        rules.filter(move |done| names.iter().any(|name| is_of(&done.rule, name)))
    };
    let there = of(&hint.unless).any(|done| done.created + done.replaced + done.same > 0);
    let news = |done: &wire::RuleOutcome| done.created + done.replaced + done.withheld > 0;
    let touched = match hint.after.as_slice() {
        [] => outcome.rules.iter().any(news),
        names => of(names).any(news),
    };
    let moved = outcome.home_changed || outcome.machine_changed;
    let created = || of(&hint.after).any(|done| done.created > 0);
    let timely = match hint.when {
        When::Always => true,
        When::Moved => moved,
        When::HomeChanged => outcome.home_changed,
        When::MachineChanged => outcome.machine_changed,
        When::FirstTime => moved || created(),
    };
    touched && !there && timely
}

/// Whether a rule is the one of that name, or its copy for another location.
fn is_of(rule: &str, name: &str) -> bool {
    rule.strip_prefix(name).is_some_and(|rest| {
        rest.is_empty()
            || rest
                .strip_prefix('-')
                .is_some_and(|number| number.parse::<usize>().is_ok())
    })
}

fn filled(block: &Commands, words: &[String]) -> wire::CommandBlock {
    let lines = match &block.each {
        None => block.lines.clone(),
        Some(_) => words
            .iter()
            .flat_map(|word| block.lines.iter().map(|line| line.replace(WORD, word)))
            .collect(),
    };
    wire::CommandBlock {
        shell: match block.shell {
            format::Shell::Terminal => wire::Shell::Terminal,
            format::Shell::Tool => wire::Shell::Tool,
        },
        heading: block.heading.clone(),
        lines,
    }
}

fn said(hint: &Hint, commands: Vec<wire::CommandBlock>, more: Vec<String>) -> wire::Hint {
    let save = hint.save.as_ref().map(|save| wire::SavedFile {
        name: save.name.clone(),
        text: save.text.clone(),
    });
    wire::Hint {
        severity: match hint.severity {
            format::Severity::Info => wire::Severity::Info,
            format::Severity::Action => wire::Severity::Action,
            format::Severity::Warning => wire::Severity::Warning,
        },
        summary: hint.summary.clone(),
        steps: hint.steps.iter().cloned().chain(more).collect(),
        commands,
        save,
    }
}
