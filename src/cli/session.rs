//! `gonogo session list|show|verify`: the sessions kept on this host.

mod anchor;

use std::path::Path;

use serde::Serialize;
use serde_json::json;

use self::anchor::Witness;
use super::args::{ConnectionArgs, Output, OutputArgs, SessionVerb};
use super::exit::Exit;
use super::print;
use crate::core::tell;
use crate::journal::{Checked, JournalError, SessionInfo, sessions};
use crate::model::Time;
use crate::runtime::config::{Config, ConfigError};

/// Carries the verb out.
pub(super) async fn run(
    verb: &SessionVerb,
    state: &Path,
    at: &ConnectionArgs,
    config: Result<Config, ConfigError>,
) -> Exit {
    let done = match verb {
        SessionVerb::List { output } => list(state, *output),
        SessionVerb::Show { id, output } => one(state, id.as_deref())
            .map(|found| found.map_or_else(|exit| exit, |(info, checked)| show(&info, &checked, *output))),
        SessionVerb::Verify { id, anchor, offline, output } => match one(state, id.as_deref()) {
            Ok(Ok((info, checked))) => {
                let witness = match (anchor, offline) {
                    (Some(file), _) => anchor::of_file(file, &info),
                    (None, true) => Witness::NotAsked,
                    (None, false) => anchor::of_cluster(at, config, &info, &checked).await,
                };
                Ok(verify(&info, &checked, &witness, *output))
            }
            Ok(Err(exit)) => Ok(exit),
            Err(error) => Err(error),
        },
    };
    done.unwrap_or_else(|error| {
        print::complain(&error.to_string());
        Exit::Failure
    })
}

/// One row of the list.
#[derive(Serialize)]
struct Row<'a> {
    session: &'a str,
    cluster: &'a str,
    context: &'a str,
    plan: Option<&'a str>,
    started: Time,
    last: Time,
    entries: usize,
    open_acts: usize,
    intact: bool,
}

impl<'a> Row<'a> {
    fn of(info: &'a SessionInfo) -> Self {
        Self {
            session: info.session.as_str(),
            cluster: info.cluster.as_str(),
            context: info.context.as_str(),
            plan: info.title.as_ref().map(crate::model::Text::as_str),
            started: info.started,
            last: info.last,
            entries: info.entries,
            open_acts: info.open_acts.len(),
            intact: info.problems == 0,
        }
    }
}

fn list(state: &Path, output: OutputArgs) -> Result<Exit, JournalError> {
    let all = sessions::list(state)?;
    match output.output {
        Output::Json => print::json(&all.iter().map(Row::of).collect::<Vec<_>>()),
        Output::Text if all.is_empty() => {
            print::lines([format!("no sessions in {}", state.display())]);
        }
        Output::Text => print::lines(all.iter().map(line)),
    }
    Ok(Exit::Done)
}

fn line(info: &SessionInfo) -> String {
    let state = match (info.problems, info.open_acts.len(), info.open_consoles) {
        (0, 0, 0) => "ended".to_owned(),
        (0, 0, _) => "open".to_owned(),
        (0, acts, _) => format!("{acts} acts open"),
        (problems, ..) => format!("DAMAGED: {problems} flaws"),
    };
    format!(
        "{}  {}  {:>6} entries  {state:<12}  {}  {}",
        info.session,
        info.last.format("%Y-%m-%d %H:%M:%SZ"),
        info.entries,
        info.context,
        info.title.as_ref().map_or("watch", crate::model::Text::as_str),
    )
}

/// Finds one session by the beginning of its id, or says why it cannot.
fn one(state: &Path, id: Option<&str>) -> Result<Result<(SessionInfo, Checked), Exit>, JournalError> {
    let all = sessions::list(state)?;
    let mut fitting = all.iter().filter(|info| info.session.as_str().starts_with(id.unwrap_or_default()));
    let Some(info) = fitting.next() else {
        print::complain(&id.map_or_else(
            || format!("no sessions in {}", state.display()),
            |id| format!("no session begins with {id}: `gonogo session list` shows all"),
        ));
        return Ok(Err(Exit::Usage));
    };
    if let (Some(id), Some(_)) = (id, fitting.next()) {
        print::complain(&format!("several sessions begin with {id}: write more of it"));
        return Ok(Err(Exit::Usage));
    }
    let checked = sessions::check(state, &info.cluster, &info.session)?;
    Ok(checked.map(|checked| (info.clone(), checked)).ok_or(Exit::Failure))
}

fn show(info: &SessionInfo, checked: &Checked, output: OutputArgs) -> Exit {
    match output.output {
        Output::Json => print::json(&checked.entries),
        Output::Text => {
            let head = format!("session {}  {}  {}", info.session, info.context, info.folder.display());
            print::lines(std::iter::once(head).chain(checked.entries.iter().map(|entry| {
                format!(
                    "{:>5}  {}  {:<16}  {}",
                    entry.seq,
                    entry.at.format("%Y-%m-%d %H:%M:%S%.3fZ"),
                    entry.author.kube_user,
                    tell::fact(&entry.fact),
                )
            })));
        }
    }
    Exit::Done
}

fn verify(info: &SessionInfo, checked: &Checked, witness: &Witness, output: OutputArgs) -> Exit {
    let problems: Vec<String> =
        checked.problems.iter().map(|(file, problem)| format!("{file}: {problem}")).collect();
    let compared = witness.compare(&checked.entries);
    match output.output {
        Output::Json => print::json(&json!({
            "session": info.session,
            "entries": checked.entries.len(),
            "head": checked.head,
            "torn_bytes": checked.torn,
            "problems": problems,
            "anchor": witness.json(&checked.entries),
        })),
        Output::Text => {
            let chain = if problems.is_empty() { "chain intact" } else { "chain BROKEN" };
            let entries = checked.entries.len();
            print::lines(
                std::iter::once(format!("session {}: {entries} entries, {chain}", info.session))
                    .chain(problems.iter().cloned())
                    .chain([format!("head {}", checked.head.0), witness.line(&checked.entries)]),
            );
        }
    }
    let broken = !problems.is_empty() || compared.is_some_and(|compared| !compared.holds());
    if broken { Exit::Failure } else { Exit::Done }
}
