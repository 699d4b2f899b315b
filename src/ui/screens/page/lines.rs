//! The lines of a page, made from the state.

use std::borrow::Cow;
use std::collections::VecDeque;

use crate::core::State;
use crate::core::event::DocumentOf;
use crate::core::tell;
use crate::model::Text;
use crate::model::ids::{ItemId, Name, Namespace};
use crate::model::pod::{Container, ContainerState, Ended, Pod};
use crate::model::target::Target;
use crate::ui::words;

use super::super::signals::query;
use super::PageOf;

/// Lines, borrowed where the state has them already.
pub(in crate::ui::screens) enum Lines<'a> {
    /// A document.
    Document(&'a [Text]),
    /// A log.
    Log(&'a VecDeque<Text>),
    /// Made for this picture.
    Made(Vec<String>),
}

impl Lines<'_> {
    /// How many.
    pub(super) fn count(&self) -> usize {
        match self {
            Self::Document(lines) => lines.len(),
            Self::Log(lines) => lines.len(),
            Self::Made(lines) => lines.len(),
        }
    }

    /// One line; nothing behind the last one.
    pub(super) fn get(&self, at: usize) -> &str {
        let line = match self {
            Self::Document(lines) => lines.get(at).map(Text::as_str),
            Self::Log(lines) => lines.get(at).map(Text::as_str),
            Self::Made(lines) => lines.get(at).map(String::as_str),
        };
        line.unwrap_or_default()
    }

    /// The first line from `from` on that contains the word.
    pub(super) fn next_with(&self, word: &str, from: usize) -> Option<usize> {
        (from..self.count()).find(|at| self.has(*at, word))
    }

    /// The last line before `before` that contains it.
    pub(super) fn before_with(&self, word: &str, before: usize) -> Option<usize> {
        (0..before.min(self.count())).rev().find(|at| self.has(*at, word))
    }

    /// The last line that contains it.
    pub(super) fn last_with(&self, word: &str) -> Option<usize> {
        self.before_with(word, usize::MAX)
    }

    fn has(&self, at: usize, word: &str) -> bool {
        !word.is_empty() && self.get(at).to_ascii_lowercase().contains(&word.to_ascii_lowercase())
    }
}

/// The lines of a page; none while they are not there yet.
pub(super) fn of<'a>(of: &PageOf, state: &'a State) -> Lines<'a> {
    match of {
        PageOf::Log(log) => match state.world.log.as_ref().filter(|read| read.pod == log.pod) {
            Some(read) => Lines::Log(&read.lines),
            None => Lines::Made(Vec::new()),
        },
        PageOf::Document(of) => document(of, state),
        PageOf::Pod { target, namespace, name } => Lines::Made(pod(state, target, namespace, name)),
        PageOf::Query { target, signal } => Lines::Made(query::lines(state, target, *signal)),
        PageOf::Item(item) => Lines::Made(self::item(state, item)),
        PageOf::Entry(seq) => Lines::Made(entry(state, *seq)),
    }
}

/// The document that was read last, if it is this one.
fn document<'a>(of: &DocumentOf, state: &'a State) -> Lines<'a> {
    let wanted = of.to_string();
    match &state.world.document {
        Some((title, lines)) if title.as_str() == wanted => Lines::Document(lines),
        Some(_) | None => Lines::Made(Vec::new()),
    }
}

fn entry(state: &State, seq: u64) -> Vec<String> {
    let entry = state.session.timeline.iter().find(|entry| entry.seq == seq);
    entry.map_or_else(Vec::new, |entry| tell::details(entry))
}

fn item(state: &State, item: &ItemId) -> Vec<String> {
    let plan = state.settings.plan.as_ref();
    let found = plan.and_then(|plan| plan.items().find(|(_, row)| row.id == *item));
    let Some((list, row)) = found else { return Vec::new() };
    let mut lines = vec![row.text.to_string(), String::new(), format!("checklist  {}", list.title)];
    lines.extend(row.owner.as_ref().map(|owner| format!("owner      {owner}")));
    lines.extend(row.expect.as_ref().map(|expect| format!("expects    {expect}")));
    lines.push(format!("critical   {}", if row.critical { "yes" } else { "no" }));
    lines.extend(row.about.iter().map(|(key, value)| format!("{key:<10} {value}")));
    lines.push(String::new());
    match state.session.ticks.get(item) {
        Some(tick) => {
            lines.push(format!("ticked {} by {}", words::clock(tick.at), super::super::who(&tick.by)));
            lines.extend(tick.evidence.as_ref().map(ToString::to_string));
        }
        None => lines.push("not ticked".to_owned()),
    }
    let story = state.session.timeline.iter().filter(|entry| tell::about_item(&entry.fact) == Some(item));
    lines.push(String::new());
    lines.extend(story.map(|entry| {
        format!(
            "{}  {}  {}",
            words::clock(entry.at),
            super::super::who(&entry.author),
            tell::fact(&entry.fact)
        )
    }));
    lines
}

/// What is known of a pod: where it runs, its containers, what is wrong, and its events.
fn pod(state: &State, target: &Target, namespace: &Namespace, name: &Name) -> Vec<String> {
    let set = state.world.workloads.get(target).map(|watched| &watched.set);
    let pod =
        set.and_then(|set| set.pods.iter().find(|pod| pod.name == *name && pod.namespace == *namespace));
    let mut lines = match pod {
        Some(pod) => known(state, pod),
        None => vec![format!("{name} in {namespace} is gone, or was not read in full")],
    };
    lines.push(String::new());
    lines.extend(events(state, target, name));
    lines.push(String::new());
    let of = DocumentOf::Pod { namespace: namespace.clone(), name: name.clone() };
    match document(&of, state) {
        Lines::Document(yaml) => lines.extend(yaml.iter().map(ToString::to_string)),
        Lines::Log(_) | Lines::Made(_) => lines.push("the object: being read".to_owned()),
    }
    lines
}

fn known(state: &State, pod: &Pod) -> Vec<String> {
    let or_none = |text: &Option<std::sync::Arc<str>>| text.as_deref().unwrap_or("none yet").to_owned();
    let age = pod.created.map_or_else(|| "unknown".to_owned(), |at| words::age(at, state.now));
    let mut lines = vec![
        format!("namespace  {}", pod.namespace),
        format!("phase      {}{}", pod.phase, if pod.terminating { ", being deleted" } else { "" }),
        format!("ready      {}", if pod.ready { "yes" } else { "no" }),
        format!("age        {age}"),
        format!("node       {}", or_none(&pod.node)),
        format!("address    {}", or_none(&pod.ip)),
        format!("owner      {}", pod.owner.as_ref().map_or("none", |owner| owner.as_str())),
    ];
    if let Some(trouble) = pod.trouble() {
        lines.push(format!("trouble    {trouble}"));
        lines.extend(trouble.message().map(|message| format!("           {message}")));
    }
    for container in &pod.containers {
        lines.push(String::new());
        lines.extend(of_container(state, container));
    }
    lines
}

fn of_container(state: &State, container: &Container) -> Vec<String> {
    let mut lines = vec![
        format!("container {}", container.name),
        format!("  image    {}", container.image),
        format!(
            "  runs     {}",
            if container.image_id.is_empty() { "not reported" } else { &container.image_id }
        ),
        format!("  ready    {}", if container.ready { "yes" } else { "no" }),
        format!("  restarts {}", container.restarts),
        format!("  state    {}", doing(state, &container.state)),
    ];
    lines.extend(container.last.as_ref().map(|last| format!("  before   {}", end(state, last))));
    lines
}

fn doing(state: &State, now: &ContainerState) -> Cow<'static, str> {
    match now {
        ContainerState::Unreported => "not reported yet".into(),
        ContainerState::Waiting { reason, message } if message.is_empty() => {
            format!("waiting, {reason}").into()
        }
        ContainerState::Waiting { reason, message } => format!("waiting, {reason}: {message}").into(),
        ContainerState::Running { since: Some(since) } => {
            format!("running for {}", words::age(*since, state.now)).into()
        }
        ContainerState::Running { since: None } => "running".into(),
        ContainerState::Ended(ended) => end(state, ended).into(),
    }
}

fn end(state: &State, ended: &Ended) -> String {
    let when = ended.at.map_or_else(String::new, |at| format!(" {} ago", words::age(at, state.now)));
    format!("ended {} with exit code {}{when}", ended.reason, ended.code)
}

fn events(state: &State, target: &Target, name: &Name) -> Vec<String> {
    let about = format!("Pod/{name}");
    let Some(rows) = state.world.events.get(target) else { return vec!["events: being read".to_owned()] };
    let mut lines: Vec<String> = rows
        .iter()
        .filter(|row| row.about.as_str() == about)
        .map(|row| {
            let at = row.at.map_or_else(|| "  ?".to_owned(), |at| words::age(at, state.now));
            let times = if row.count > 1 { format!(" ({} times)", row.count) } else { String::new() };
            let mark = if row.warning { "!" } else { " " };
            format!("  {at:>5} ago {mark} {}{times}: {}", row.reason, row.message)
        })
        .collect();
    if lines.is_empty() {
        return vec!["events: none in the last hour".to_owned()];
    }
    lines.insert(0, "events".to_owned());
    lines
}
