use std::sync::Arc;

use super::fixture::*;
use crate::core::State;
use crate::model::fact::Fact;
use crate::model::observation::{EventLine, Observation};
use crate::model::view::Reason;
use crate::model::{Text, Time};
use crate::ui::fixture::{self, drawn};
use crate::ui::screens::ScreenId;
use crate::ui::{Skin, UiState};

const SCREENS: [ScreenId; 6] = [
    ScreenId::Rollout,
    ScreenId::Pods,
    ScreenId::Signals,
    ScreenId::Checklist,
    ScreenId::Timeline,
    ScreenId::OwnLog,
];
const KEYS: [&str; 20] = [
    "down", "up", "tab", "enter", "esc", "end", "/", "a", "l", "p", "y", "d", "w", "f", "o", "x", "n", "g",
    "c", "j",
];

/// What a terminal must never be given, and what breaks careless measuring.
fn hostile() -> Vec<String> {
    vec![
        "\u{1b}[2J\u{1b}]0;owned\u{7}".to_owned(),
        "safe\u{202e}live\u{200b}".to_owned(),
        "zalgo\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}".to_owned(),
        "日本語の名前がとても長い日本語の名前がとても長い".to_owned(),
        "👩‍👩‍👧‍👦🏳️‍🌈".to_owned(),
        "x".repeat(70_000),
        String::new(),
        "a\tb\nc\r".to_owned(),
    ]
}

/// A small generator (xorshift64): the same in every run; the seed is printed by the test.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap()
    }
}

fn states() -> Vec<State> {
    let (mut crashed, target) = recorded("stuck-crashloop");
    let pod = first_pod(&crashed, &target);
    events(&mut crashed, &target, &pod);
    many(&mut crashed, &target, 150);
    let (mut bulk, _) = recorded("complete");
    pod_table(&mut bulk, 300);
    let mut measured = fixture::measured();
    patchy(&mut measured);
    enter(&mut measured, story(&fixture::target("api")));
    measured.settings.plan = Some(Arc::new(plan()));
    vec![crashed, bulk, measured, spoofed(), fixture::empty(), fixture::healthy()]
}

/// Every text that comes from outside is hostile.
fn spoofed() -> State {
    let (mut state, target) = recorded("stuck-image-deadline-exceeded");
    let texts = hostile();
    let at: Time = later();
    let lines = texts.iter().map(|text| EventLine {
        at: Some(at),
        warning: true,
        reason: Text::clean(text),
        about: Text::clean(text),
        message: Text::clean(text),
        count: 1,
    });
    see(&mut state, Observation::Events { target: target.clone(), lines: lines.collect() });
    let watched = state.world.workloads.get_mut(&target).unwrap();
    watched.view.reasons = texts
        .iter()
        .map(|text| Reason { what: Text::clean(text), detail: Some(Text::clean(text)), since: None })
        .collect();
    for (revision, text) in watched.view.revisions.iter_mut().zip(&texts) {
        revision.name = Text::clean(text);
        revision.differs = Some(texts.iter().map(|text| Text::clean(text)).collect());
    }
    let mut set = (*watched.set).clone();
    for (pod, text) in set.pods.iter_mut().zip(&texts) {
        // names come from the API server as they are
        pod.name = crate::model::ids::Name::new(text.as_str());
        pod.node = Some(text.as_str().into());
    }
    watched.set = Arc::new(set);
    let notes = texts.iter().map(|text| ("lead", Fact::Noted { text: Text::clean(text) }));
    enter(&mut state, notes.collect());
    let mut plan = plan();
    for (item, text) in plan.checklists.iter_mut().flat_map(|list| &mut list.items).zip(&texts) {
        item.text = Text::clean(text);
        item.owner = Some(Text::clean(text));
    }
    state.settings.plan = Some(Arc::new(plan));
    state
}

#[test]
fn any_size_any_key_and_any_text_can_be_drawn() {
    let seed = 0x5eed_0007;
    println!("seed {seed:#x}");
    let mut random = Random(seed);
    let skin = Skin::plain();
    for state in &states() {
        for screen in SCREENS {
            let mut ui: UiState = at(state, screen, "");
            for step in 0..25 {
                press(&mut ui, state, KEYS[random.below(KEYS.len())]);
                let (widest, highest) = if step % 5 == 0 { (320, 90) } else { (90, 30) };
                let size = (1 + random.below(widest), 1 + random.below(highest));
                let (width, height) = (u16::try_from(size.0).unwrap(), u16::try_from(size.1).unwrap());
                ui.size = (width, height);
                let buffer = drawn(state, &ui, &skin, width, height);
                for symbol in
                    buffer.content.iter().map(ratatui::buffer::Cell::symbol).filter(|s| !s.is_ascii())
                {
                    assert_eq!(Text::clean(symbol).as_str(), symbol, "{screen:?} {width}x{height}");
                }
            }
        }
    }
}
