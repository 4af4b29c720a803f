//! `takeback adapter check`: what an adapter would keep, and whether it would be accepted.
//! The author's tool and the reviewer's: nothing is recorded, no vault is opened.

mod places;
mod report;
mod rules;
mod trial;

use super::super::args::CheckArgs;
use super::super::config;
use super::super::context::Context;
use super::super::error::{CommandError, ExitStatus};
use super::super::render::json;
use super::examine::disagreements;
use super::is_built_in;
use places::Case;
use report::{Document, SystemView};
use takeback::adapters::{Adapter, AdapterError};
use takeback::model::{Forbidden, Shown, ShownPath};

pub(super) fn run(context: &Context, args: &CheckArgs) -> Result<ExitStatus, CommandError> {
    let bytes = config::read_component(&args.file)?;
    let cases = places::cases(context, args)?;
    let runtime = context.runtime()?;
    let mut document = Document::new(&args.file, &bytes);
    match runtime.load(&bytes) {
        Err(e) => document.refuse(&e),
        Ok(adapter) => {
            document.introduce(&adapter);
            if let Err(e) = trial::describes_twice(&runtime, &bytes, &adapter) {
                document.refuse(&e);
            }
            for case in cases {
                let view = ask(&adapter, &case.facts_for(&adapter));
                let hopeless = view.hopeless;
                document.add(view);
                if hopeless {
                    break;
                }
            }
            document.refuse_all(scope_refusals(context, &adapter));
            document.doubts.extend(doubts(&adapter));
        }
    }
    let accepted = document.finish();
    if context.voice.json {
        json::print(&document);
    } else {
        report::show(context, &document, ShownPath(&args.file));
    }
    Ok(if accepted {
        ExitStatus::Done
    } else {
        ExitStatus::Adapter
    })
}

/// What an adapter answers for one machine.
fn ask(adapter: &Adapter, case: &Case) -> SystemView {
    let mut view = SystemView::new(case);
    let existing = case.existing(adapter.identity());
    let declared = trial::declares_twice(adapter, &case.facts, &existing);
    let declaration = match declared {
        Ok(declaration) => declaration,
        // That a tool does not exist on a system is an answer.
        Err(AdapterError::Declines(why)) => {
            view.declines = Some(why);
            return view;
        }
        Err(e) => {
            view.refuse(&e);
            return view;
        }
    };
    view.declare(&declaration);
    if case.walks {
        view.look(adapter, &case.facts);
    }
    match trial::hints(adapter, &case.facts, &existing, &declaration) {
        Ok(count) => view.hints = count,
        Err(e) => view.refuse(&e),
    }
    view
}

/// Places in the scope that are off limits on any system, whatever is declared there.
fn scope_refusals(context: &Context, adapter: &Adapter) -> Vec<String> {
    let systems = places::systems(context);
    let mut refused = Vec::new();
    for facts in &systems {
        let forbidden = Forbidden::new(facts);
        for place in adapter.scope() {
            let why = facts
                .resolve(place)
                .and_then(|real| forbidden.reason(&real));
            refused.extend(why.map(|why| {
                let place = place.to_string();
                format!(
                    "the scope asks for {}, which is off limits: {why}",
                    Shown(&place)
                )
            }));
        }
    }
    refused.sort();
    refused.dedup();
    refused
}

/// What a person should look at before trusting it.
fn doubts(adapter: &Adapter) -> Vec<String> {
    let mut doubts = disagreements(adapter);
    let id = &adapter.identity().id;
    if is_built_in(id) {
        doubts.push(format!(
            "{id} is the name of a built-in adapter: it can be used for one run with --adapter, \
             and not be added"
        ));
    }
    let wasi = adapter.wasi_imports().len();
    if wasi > 0 {
        doubts.push(format!(
            "{id}: it imports {wasi} WASI interfaces, and is stopped where it uses one"
        ));
    }
    doubts
}
