//! Pictures as snapshots: the text, and below it one letter of its role for each cell (`ui/theme/roles.rs`).

use chrono::Duration;
use insta::assert_snapshot;

use super::super::UiState;
use super::super::fixture::{
    empty, goal, healthy, measured, minutes_ago, now, picture, planned, sheet, stop_bar, stopped, stuck,
    target, text, ui,
};
use super::super::overlay::Overlay;
use super::super::prompt::{Asks, Prompt};
use crate::core::State;
use crate::core::desk::{Alarm, AlarmKey, Notice, Tone};
use crate::core::session::Control;
use crate::core::stopbar::{Chord, HoldBar};
use crate::core::world::Stream;
use crate::model::Text;
use crate::model::act::Act;
use crate::model::ids::{Namespace, ShortName};
use crate::model::kind::WorkloadKind;
use crate::model::observation::{StreamKey, StreamState};
use crate::model::proof::Proof;

fn shown(state: &State, width: u16, height: u16) -> String {
    picture(state, &ui(state), width, height)
}

fn opened(state: &State, open: impl FnOnce(&mut UiState)) -> String {
    let mut ui = ui(state);
    open(&mut ui);
    text(state, &ui, 80, 24)
}

#[test]
fn overview() {
    assert_snapshot!("healthy-80x24", shown(&healthy(), 80, 24));
    assert_snapshot!("stuck-40x12", shown(&stuck(), 40, 12));
    assert_snapshot!("stuck-80x24", shown(&stuck(), 80, 24));
    assert_snapshot!("measured-120x40", shown(&measured(), 120, 40));
    assert_snapshot!("measured-200x60", shown(&measured(), 200, 60));
    assert_snapshot!("planned-80x24", shown(&planned(), 80, 24));
    assert_snapshot!("planned-120x40", shown(&planned(), 120, 40));
}

#[test]
fn an_empty_namespace_says_where_something_moves() {
    let mut state = empty();
    state.world.moving_elsewhere = vec![(Namespace::new("shop"), 2), (Namespace::new("infra"), 1)];
    let first = text(&state, &ui(&state), 80, 24).lines().next().unwrap().to_owned();
    assert!(first.contains("no workloads in fx; something moves in shop (2), infra (1)"), "{first}");
    assert!(first.ends_with("n namespaces"), "{first}");
}

#[test]
fn stale_is_said_with_its_age_wherever_data_stands() {
    let mut state = stuck();
    let silent = Stream {
        state: StreamState::Silent,
        alive: Some(now() - Duration::seconds(23)),
        since: minutes_ago(9),
    };
    state.world.streams.insert(StreamKey::Kind(WorkloadKind::Deployment), silent);
    assert_snapshot!("stale-80x24", shown(&state, 80, 24));
}

#[test]
fn modes_stand_in_the_header() {
    let header = |state: &State| text(state, &ui(state), 80, 24).lines().nth(1).unwrap().to_owned();
    let mut state = healthy();
    assert!(header(&state).ends_with("OBSERVE   03:14Z"));
    state.settings.read_only = true;
    assert!(header(&state).ends_with("READ-ONLY   03:14Z"));
    state.settings.read_only = false;
    let control = Control {
        by: state.desk.author.clone(),
        since: minutes_ago(6),
        short_name: ShortName::new("prod-eu"),
    };
    state.session.control = Some(control.clone());
    assert!(header(&state).ends_with("ARMED 24 m   03:14Z"), "{}", header(&state));
    state.desk.author.pid = 43;
    assert!(header(&state).contains("OBSERVE  signal-desk has control"), "{}", header(&state));
    assert!(header(&stopped()).contains("STOPPED   OBSERVE"), "{}", header(&stopped()));
    state.world.connection.as_mut().unwrap().simulated = true;
    assert!(header(&state).contains("SIMULATED"));
    assert!(header(&planned()).contains("PRODUCTION"));
}

#[test]
fn an_insecure_connection_has_a_banner_on_every_size() {
    let mut state = healthy();
    state.world.connection.as_mut().unwrap().insecure = true;
    for (width, height) in [(80, 24), (120, 40), (60, 14)] {
        let shown = text(&state, &ui(&state), width, height);
        assert!(shown.contains("INSECURE: the server's certificate is not checked"), "{shown}");
    }
}

#[test]
fn act_sheet() {
    let mut state = stuck();
    state.desk.sheet = Some(sheet(&state));
    assert_snapshot!("sheet-80x24", shown(&state, 80, 24));
    assert_snapshot!("sheet-request", opened(&state, |ui| ui.sheet.request = true));
    state.desk.sheet.as_mut().unwrap().typed_name = Some(ShortName::new("prod-eu"));
    assert_snapshot!("sheet-typed", text(&state, &ui(&state), 80, 24));
    state.desk.sheet.as_mut().unwrap().voided =
        Some(Text::clean("what it acts on has changed: Esc, and look again"));
    assert!(!text(&state, &ui(&state), 80, 24).contains("y send"), "a void sheet offers no sending");
}

#[test]
fn the_proof_grows_in_the_sheet_and_turns_red_on_a_stall() {
    let mut state = stuck();
    state.desk.sheet = Some(sheet(&state));
    let mut goal = goal(Act::RollBack { to: None }, "api");
    state.desk.sheet.as_mut().unwrap().sent = Some(goal.act.clone());
    state.desk.goals.insert(goal.act.clone(), goal.clone());
    assert_snapshot!("proof-pending", shown(&state, 80, 24));
    goal.proof = Proof::Proven { at: now() };
    goal.trace.holds_since = Some(now() - Duration::milliseconds(1900));
    goal.guard_until = Some(now() + Duration::minutes(5));
    state.desk.goals.insert(goal.act.clone(), goal.clone());
    assert!(text(&state, &ui(&state), 80, 24).contains("PROVEN in 2.1 s   guarded until 03:19:07"));
    goal.proof = Proof::Impossible { why: Text::clean("quota exceeded in fx") };
    goal.elsewhere = Some(Text::clean("kubectl patch -n fx deployments.v1.apps api --type=json -p '[]'"));
    state.desk.goals.insert(goal.act.clone(), goal);
    assert_snapshot!("proof-impossible", shown(&state, 80, 24));
}

#[test]
fn stop_bar_and_page() {
    let mut state = stuck();
    state.desk.stop = Some(stop_bar());
    assert_snapshot!("stop-bar-80x24", shown(&state, 80, 24));
    let third = |state: &State| text(state, &ui(state), 80, 24).lines().nth(2).unwrap().to_owned();
    state.desk.stop.as_mut().unwrap().complaint = Some(Text::clean("release the key, press ! once"));
    assert_eq!(third(&state), "▌release the key, press ! once (4 s)");
    state.desk.stop.as_mut().unwrap().chord = Chord::Silence { since: now() };
    assert_eq!(third(&state), "▌seen: hands off the keys for a moment");
    state.desk.stop.as_mut().unwrap().unreachable = Some(Text::clean("no sign of life for 20 s"));
    let second = text(&state, &ui(&state), 80, 24).lines().nth(1).unwrap().to_owned();
    assert!(second.contains("API UNREACHABLE: no sign of life for 20 s"), "said before the second key");

    let mut state = stopped();
    assert_snapshot!("stop-page-80x24", shown(&state, 80, 24));
    for goal in state.desk.goals.values_mut() {
        goal.elsewhere = Some(Text::clean("kubectl patch -n fx deployments.v1.apps api --type=json -p '[]'"));
    }
    let page = text(&state, &ui(&state), 80, 24);
    assert!(page.contains("UNREACHABLE") && page.contains("kubectl patch -n fx"), "{page}");
}

#[test]
fn hold_bar_and_notice_answer_in_the_same_row_and_move_nothing() {
    let mut state = stuck();
    let calm = text(&state, &ui(&state), 80, 24);
    state.desk.notice = Some(Notice {
        text: Text::clean("promote needs control: T takes it"),
        tone: Tone::Warning,
        at: now(),
    });
    let noticed = text(&state, &ui(&state), 80, 24);
    state.desk.hold = Some(HoldBar {
        target: target("api"),
        line: Text::clean("HOLD api: paused at 0 of 3 new pods"),
        since: now(),
        others: 1,
    });
    let held = text(&state, &ui(&state), 80, 24);
    assert!(noticed.contains(" promote needs control: T takes it"));
    assert!(held.contains("HOLD api: paused at 0 of 3 new pods   Tab holds 1 other"), "{held}");
    for (number, ((calm, noticed), held)) in calm.lines().zip(noticed.lines()).zip(held.lines()).enumerate() {
        assert!(number == 22 || (calm == noticed && calm == held), "line {number} moved");
    }
}

#[test]
fn a_revert_is_a_banner_with_the_command_that_helps() {
    let mut state = stuck();
    let alarm = Alarm {
        text: Text::clean("api REVERTED BY Argo CD app api (argocd-controller at 03:13:50 UTC)"),
        remedy: Some(Text::clean("argocd app set api --sync-policy none")),
        since: minutes_ago(1),
        tone: Tone::Bad,
        acknowledged: false,
    };
    state.desk.alarms.insert(AlarmKey::Reverted(target("api")), alarm);
    let shown = text(&state, &ui(&state), 120, 40);
    assert!(shown.lines().next().unwrap().starts_with("✖ api REVERTED BY Argo CD app api"), "{shown}");
    assert!(shown.contains("run: argocd app set api --sync-policy none"), "{shown}");
}

#[test]
fn dialogs() {
    let state = stuck();
    assert_snapshot!("help", opened(&state, |ui| ui.overlay = Some(Overlay::Help { scroll: 0 })));
    assert_snapshot!("palette", opened(&state, |ui| ui.overlay = Some(Overlay::palette())));
    assert_snapshot!("identity", opened(&state, |ui| ui.overlay = Some(Overlay::Identity { scroll: 0 })));
    assert_snapshot!("namespaces", {
        let mut state = state.clone();
        state.world.namespaces = ["default", "fx", "infra", "shop"].map(Namespace::new).into();
        state.world.moving_elsewhere = vec![(Namespace::new("shop"), 2)];
        opened(&state, |ui| ui.prompt = Some(Prompt::namespaces(&state.world.scope)))
    });
    let control = opened(&state, |ui| ui.prompt = Some(Prompt::new(Asks::Control)));
    assert!(control.contains(" take control: type prod-eu:"), "{control}");
}

#[test]
fn every_command_is_in_help_with_its_keys() {
    use super::super::command::COMMANDS;
    let state = stuck();
    let mut ui = ui(&state);
    ui.overlay = Some(Overlay::Help { scroll: 0 });
    let help = text(&state, &ui, 200, 120);
    for row in &COMMANDS {
        assert!(help.contains(row.tells), "{}", row.word);
    }
}
