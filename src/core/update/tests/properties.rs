//! Whatever the order of events: no write that raises risk leaves without its authorising fact, and in observe mode none
//! leaves at all.

use proptest::prelude::*;

use crate::core::effect::{Effect, TimerId};
use crate::core::event::{Event, Intent};
use crate::model::act::Act;
use crate::model::fact::Fact;
use crate::model::ids::ActId;
use crate::model::objects::{Known, ObjectSet};
use crate::model::recorded;
use crate::model::request::Outcome;
use crate::model::target::Target;

use super::console::Console;

#[derive(Clone, Debug)]
enum Happening {
    Propose(u8),
    Confirm(bool),
    Dismiss,
    Bang(u64),
    Key,
    Control(bool),
    Show(u8),
    Answer(u8),
    Drawn,
    Pass(u16),
    Tick,
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        (0..8_u8).prop_map(Happening::Propose),
        any::<bool>().prop_map(Happening::Confirm),
        Just(Happening::Dismiss),
        (0..6_u64).prop_map(Happening::Bang),
        Just(Happening::Key),
        any::<bool>().prop_map(Happening::Control),
        (0..4_u8).prop_map(Happening::Show),
        (0..5_u8).prop_map(Happening::Answer),
        Just(Happening::Drawn),
        (0..8_000_u16).prop_map(Happening::Pass),
        Just(Happening::Tick),
    ]
}

fn act(number: u8) -> Act {
    match number {
        0 => Act::Hold,
        1 => Act::Resume,
        2 => Act::Promote,
        3 => Act::RollBack { to: None },
        4 => Act::Restart { at: crate::model::Time::default() },
        5 => Act::Scale { replicas: 2 },
        6 => Act::SetImage { container: None, image: "img:v9".into() },
        _ => Act::ResetStop,
    }
}

fn outcome(number: u8) -> Outcome {
    let rejected = |code| Outcome::Rejected { code, reason: "r".into(), message: "m".into() };
    match number {
        0 => Outcome::Applied { code: 200 },
        1 => rejected(422),
        2 => rejected(429),
        3 => Outcome::NotSent { why: "refused".into() },
        _ => Outcome::Unknown { why: "reset".into() },
    }
}

type Situation = (ObjectSet, Known);

fn step(console: &mut Console, target: &Target, happening: &Happening, arming: bool, shows: &[Situation]) {
    match happening {
        Happening::Propose(number) => console.sheet(target, act(*number)),
        Happening::Confirm(typed) => {
            console.intend(Intent::Confirm { typed: typed.then(|| "prod-eu".to_owned()) });
        }
        Happening::Dismiss => {
            console.intend(Intent::Dismiss);
        }
        Happening::Bang(burst) => {
            console.intend(Intent::Bang { burst: *burst });
        }
        Happening::Key => {
            console.intend(Intent::OtherKey);
        }
        Happening::Control(take) => {
            let typed = "prod-eu".to_owned();
            let intent = if *take && arming { Intent::TakeControl { typed } } else { Intent::GiveUpControl };
            console.intend(intent);
        }
        Happening::Show(number) => {
            let (set, known) = &shows[usize::from(*number)];
            console.show_whole(set, known);
        }
        Happening::Answer(number) => {
            let open =
                console.state.desk.goals.values().find_map(|goal| goal.on_the_wire().map(|s| s.id.clone()));
            if let Some(id) = open {
                let outcome = outcome(*number);
                console.send(Event::Receipt(crate::core::Receipt::Answered {
                    id,
                    outcome,
                    object: None,
                    millis: 1,
                }));
            }
        }
        Happening::Drawn => {
            let sheet = console.state.desk.sheet.as_ref().map(|sheet| sheet.id);
            console.send(Event::Drawn { sheet });
        }
        Happening::Pass(millis) => console.pass(i64::from(*millis)),
        Happening::Tick => {
            console.timer(TimerId::Second);
            let timers: Vec<TimerId> = console.state.desk.goals.keys().cloned().map(TimerId::Goal).collect();
            let bar = console.state.desk.stop.as_ref().map(|bar| TimerId::ChordSilence(bar.id));
            for timer in timers.into_iter().chain(bar) {
                console.timer(timer);
            }
        }
    }
}

fn authorised(console: &Console, act: &ActId) -> Option<Act> {
    console.facts().iter().find_map(|fact| match fact {
        Fact::Authorised { act: id, what, .. } if id == act => Some(what.clone()),
        _ => None,
    })
}

thread_local! {
    /// One Deployment in four moments of one life, read once.
    static SITUATIONS: Vec<Situation> =
        ["progressing", "paused-mid-update", "stuck-image-before-deadline", "complete"]
            .map(|name| {
                let (mut set, known) = recorded::deployment(name);
                set.target = Target::new(set.target.kind, "shop", "app");
                recorded::edit(&mut set).metadata.uid = "one-life".into();
                (set, known)
            })
            .into();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_order_of_events_lets_an_unauthorised_write_out(
        happenings in prop::collection::vec(happening(), 1..60),
        arming in any::<bool>(),
    ) {
        let mut console = Console::new();
        let shows = SITUATIONS.with(Clone::clone);
        let target = console.show_whole(&shows[0].0, &shows[0].1);
        for happening in &happenings {
            step(&mut console, &target, happening, arming, &shows);
        }
        let mut raising: Vec<ActId> = Vec::new();
        for effect in &console.effects {
            let Effect::Apply { id, .. } = effect else { continue };
            let what = authorised(&console, &id.act);
            prop_assert!(what.is_some(), "{id} left without its fact");
            if what.is_some_and(|act| act.kind().raises_risk()) {
                prop_assert!(arming, "{id} raised risk in observe mode");
                prop_assert!(!raising.contains(&id.act), "{id} was sent twice");
                raising.push(id.act.clone());
            }
        }
    }
}
