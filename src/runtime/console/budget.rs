//! What a change of the picture costs on the wire, in bytes.

use chrono::{DateTime, TimeDelta};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use serde_json::json;
use std::sync::Arc;

use crate::core::settings::Settings;
use crate::core::{Event, Stamped, State, update};
use crate::model::Time;
use crate::model::fact::Author;
use crate::model::ids::{FreshId, Namespace, ShortName};
use crate::model::kind::WorkloadKind;
use crate::model::objects::{ObjectSet, Workload};
use crate::model::observation::Observation;
use crate::model::target::{Scope, Target};
use crate::runtime::terminal::{Canvas, Scene};
use crate::ui::keymap::Keymap;
use crate::ui::{self, InputEvent, Skin, UiState};

fn now() -> Time {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

/// A namespace with forty Deployments at rest.
fn state() -> State {
    let settings = Settings {
        read_only: false,
        short_name: ShortName::from("prod"),
        plan: None,
        scope: Scope::Namespaces(vec![Namespace::from("shop")]),
        default_namespace: Namespace::from("shop"),
        headless: false,
        build: "test".into(),
        adopt_goals: true,
    };
    let mut state = State::new(settings, Author::default(), now());
    for number in 0..40 {
        let observation = Observation::Objects { snapshot: Arc::new(deployment(number)), seen: now() };
        feed(&mut state, Event::Observation(observation));
    }
    feed(&mut state, Event::Observation(Observation::Listed { namespaces: Vec::new() }));
    state
}

fn feed(state: &mut State, event: Event) {
    // what it would have done is of no interest here
    drop(update(state, Stamped { at: now(), id: FreshId(1), event }));
}

fn deployment(number: u32) -> ObjectSet {
    let name = format!("service-{number:02}");
    let object = json!({
        "metadata": {"name": name, "namespace": "shop", "uid": name, "generation": 1, "resourceVersion": "1",
            "creationTimestamp": "2024-10-01T00:00:00Z"},
        "spec": {"replicas": 3, "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}},
                "spec": {"containers": [{"name": "main", "image": format!("registry.example.com/{name}:1.{number}.0")}]}}},
        "status": {"observedGeneration": 1, "replicas": 3, "updatedReplicas": 3, "readyReplicas": 3, "availableReplicas": 3},
    });
    let target = Target::new(WorkloadKind::Deployment, "shop", name);
    ObjectSet::bare(target, Workload::Deployment(serde_json::from_value(object).unwrap()), None)
}

/// A terminal that counts.
struct Terminal {
    state: State,
    ui: UiState,
    canvas: Canvas,
}

impl Terminal {
    fn of(width: u16, height: u16) -> Self {
        let mut ui = UiState::new(Keymap::shipped());
        ui.size = (width, height);
        let state = state();
        ui::attend(&mut ui, &state);
        Self { state, ui, canvas: Canvas::default() }
    }

    fn draw(&mut self) -> usize {
        let (width, height) = self.ui.size;
        let mut cells = Buffer::empty(Rect::new(0, 0, width, height));
        ui::render(&self.state, &self.ui, &Skin::plain(), &mut cells);
        self.canvas.advance(Scene { number: 1, cells, cursor: None }).len()
    }

    fn press(&mut self, code: KeyCode) {
        let event = KeyEvent::new(code, KeyModifiers::NONE);
        ui::handle(&mut self.ui, &self.state, InputEvent::Key { event, burst: 1, alone: false });
    }
}

#[test]
fn a_picture_stays_within_its_budget_of_bytes() {
    // a bare table costs 4.0 and 14.6 KB to paint and 277 and 517 B to move in; here the panels below it change with
    // the row
    for (width, height, first, moved) in [(80, 24, 4_400, 500), (200, 50, 10_500, 800)] {
        let mut terminal = Terminal::of(width, height);
        let cost = terminal.draw();
        println!("{width}x{height}: first paint {cost} B");
        assert!(cost <= first, "first paint {cost} B");
        assert_eq!(terminal.draw(), 0, "an unchanged picture");
        // the first key freezes the order of rows and changes nothing else twice
        terminal.press(KeyCode::Down);
        terminal.draw();
        terminal.press(KeyCode::Down);
        let cost = terminal.draw();
        println!("{width}x{height}: one row down {cost} B");
        assert!(cost <= moved, "one row down {cost} B");
    }
}
