//! A console without adapters: a state, a clock that is set by hand, and a journal in memory.

use std::sync::Arc;

use chrono::TimeDelta;

use crate::core::effect::{Effect, TimerId};
use crate::core::event::{Event, Intent, Receipt, Stamped};
use crate::core::settings::Settings;
use crate::core::{State, update};
use crate::model::Time;
use crate::model::act::Act;
use crate::model::fact::{Author, Entry, Fact};
use crate::model::identity::Connection;
use crate::model::ids::{ContextName, EntryHash, FreshId, Namespace, SessionId, ShortName};
use crate::model::objects::{Known, ObjectSet};
use crate::model::observation::{Observation, StreamKey, StreamState};
use crate::model::request::{Outcome, Request, RequestId};
use crate::model::target::{Scope, Target};

pub(super) struct Console {
    pub(super) state: State,
    pub(super) effects: Vec<Effect>,
    pub(super) journal: Vec<Entry>,
    /// Whether appends are answered.
    pub(super) journaling: bool,
    next: u128,
}

pub(super) fn start_time() -> Time {
    "2026-11-20T21:30:00Z".parse().unwrap()
}

pub(super) fn settings() -> Settings {
    Settings {
        read_only: false,
        short_name: ShortName::new("prod-eu"),
        plan: None,
        scope: Scope::All,
        default_namespace: Namespace::new("default"),
        headless: false,
        build: "test".into(),
        adopt_goals: true,
    }
}

pub(super) fn author() -> Author {
    Author { kube_user: "ops-1".into(), os_user: "ops".into(), host: "jump".into(), pid: 7 }
}

impl Console {
    pub(super) fn new() -> Self {
        Self::with(settings())
    }

    pub(super) fn with(settings: Settings) -> Self {
        let state = State::new(settings, author(), start_time());
        let mut console = Self { state, effects: Vec::new(), journal: Vec::new(), journaling: true, next: 1 };
        let connection = Connection {
            context: ContextName::new("prod-eu"),
            server: "https://127.0.0.1:6443".into(),
            version: "v1.36.3".into(),
            ca_fingerprint: None,
            cluster: "cluster".into(),
            user: "ops-1".into(),
            groups: Vec::new(),
            insecure: false,
            proxy: None,
            simulated: false,
        };
        console.see(Observation::Connected(Box::new(connection)));
        console
    }

    /// One event, and whatever the journal answers to its effects.
    pub(super) fn send(&mut self, event: Event) -> Vec<Effect> {
        self.next += 1;
        let stamped = Stamped { at: self.state.now, id: FreshId(self.next << 80), event };
        let effects = update(&mut self.state, stamped);
        self.effects.extend(effects.iter().cloned());
        for effect in &effects {
            if let Effect::Append { facts, .. } = effect
                && self.journaling
            {
                let entries: Vec<Entry> = facts.iter().map(|fact| self.seal(fact)).collect();
                self.send(Event::Receipt(Receipt::Appended { entries }));
            }
        }
        effects
    }

    /// Somebody else writes: the entry, and the answer that everything on its way is void.
    pub(super) fn overtaken(&mut self, by: &Author, fact: &Fact) {
        let own = std::mem::replace(&mut self.state.desk.author, by.clone());
        let entry = self.seal(fact);
        self.state.desk.author = own;
        self.send(Event::Receipt(Receipt::Moved { entries: vec![entry] }));
    }

    fn seal(&mut self, fact: &Fact) -> Entry {
        let seq = self.journal.len() as u64 + 1;
        let entry = Entry {
            seq,
            session: SessionId::new("session"),
            prev: EntryHash::default(),
            hash: EntryHash(seq.to_string()),
            at: self.state.now,
            clocks: None,
            author: self.state.desk.author.clone(),
            fact: fact.clone(),
        };
        self.journal.push(entry.clone());
        entry
    }

    pub(super) fn intend(&mut self, intent: Intent) -> Vec<Effect> {
        self.send(Event::Intent(intent))
    }

    pub(super) fn see(&mut self, observation: Observation) -> Vec<Effect> {
        self.send(Event::Observation(observation))
    }

    pub(super) fn timer(&mut self, timer: TimerId) -> Vec<Effect> {
        self.send(Event::Timer(timer))
    }

    pub(super) fn pass(&mut self, millis: i64) {
        self.state.now += TimeDelta::milliseconds(millis);
    }

    /// A set comes in with a newer version than the last one.
    pub(super) fn show(&mut self, set: &ObjectSet) -> Target {
        self.next += 1;
        let mut set = set.clone();
        let version = 1_000_000 + u64::try_from(self.next).unwrap();
        crate::model::recorded::meta(&mut set.workload).resource_version.0 = version.to_string();
        let target = set.target.clone();
        self.alive(&target);
        self.see(Observation::Objects { snapshot: Arc::new(set), seen: self.state.now });
        target
    }

    pub(super) fn alive(&mut self, target: &Target) {
        let key = StreamKey::Kind(target.kind);
        self.see(Observation::Stream { key, state: StreamState::Alive });
    }

    /// A set comes in and its templates with it.
    pub(super) fn show_whole(&mut self, set: &ObjectSet, known: &Known) -> Target {
        let target = self.show(set);
        let found = known.templates.clone().into_iter().collect();
        self.see(Observation::Templates { target: target.clone(), found });
        target
    }

    pub(super) fn arm(&mut self) {
        self.intend(Intent::TakeControl { typed: "prod-eu".into() });
        assert!(self.state.session.control.is_some());
    }

    /// Opens a sheet, draws it and answers everything that it asks for.
    pub(super) fn sheet(&mut self, target: &Target, act: Act) {
        let effects = self.intend(Intent::Propose { target: target.clone(), act });
        self.answer_sheet(&effects);
        let id = self.state.desk.sheet.as_ref().map(|sheet| sheet.id);
        self.send(Event::Drawn { sheet: id });
    }

    fn answer_sheet(&mut self, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::Review(query) => {
                    let answer = crate::model::access::AccessAnswer {
                        allowed: true,
                        reason: "".into(),
                        asked: self.state.now,
                    };
                    self.see(Observation::Access { query: query.clone(), answer });
                }
                Effect::DryRun { sheet, .. } => {
                    let outcome = Outcome::Applied { code: 200 };
                    self.send(Event::Receipt(Receipt::DryRun { sheet: *sheet, outcome }));
                }
                Effect::ReadBack { sheet, target } => {
                    let result = Ok(self.read_back(target));
                    self.send(Event::Receipt(Receipt::ReadBack { sheet: *sheet, result }));
                }
                _ => {}
            }
        }
    }

    fn read_back(&self, target: &Target) -> crate::model::objects::Workload {
        self.state.world.workloads[target].set.workload.clone()
    }

    /// Requests that went out so far, oldest first.
    pub(super) fn sent(&self) -> Vec<(RequestId, Request)> {
        self.effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Apply { id, request } => Some((id.clone(), (**request).clone())),
                _ => None,
            })
            .collect()
    }

    pub(super) fn answer(&mut self, outcome: Outcome) -> Vec<Effect> {
        let (id, _) = self.sent().last().cloned().expect("a request was sent");
        self.send(Event::Receipt(Receipt::Answered { id, outcome, object: None, millis: 12 }))
    }

    pub(super) fn facts(&self) -> Vec<&Fact> {
        self.journal.iter().map(|entry| &entry.fact).collect()
    }

    pub(super) fn notice(&self) -> &str {
        self.state.desk.notice.as_ref().map_or("", |notice| notice.text.as_str())
    }
}
