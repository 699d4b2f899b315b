use super::fixture::*;
use crate::ui::fixture::{self, text};
use crate::ui::screens::ScreenId;

#[test]
fn show() {
    let mut out = String::new();
    let mut add = |name: &str, state: &crate::core::State, ui: &crate::ui::UiState, sizes: &[(u16, u16)]| {
        for (w, h) in sizes {
            let ui = crate::ui::UiState { size: (*w, *h), ..ui.clone() };
            out.push_str(&format!("##### {name} {w}x{h}\n{}\n", text(state, &ui, *w, *h)));
        }
    };
    let all = [(80, 24), (120, 40), (200, 60), (40, 12)];
    for situation in
        ["progressing", "stuck-image-deadline-exceeded", "stuck-crashloop", "paused-mid-update", "complete"]
    {
        let (mut state, target) = recorded(situation);
        let pod = state.world.workloads[&target].set.pods[0].name.to_string();
        events(&mut state, &target, &pod);
        add(&format!("rollout {situation}"), &state, &at(&state, ScreenId::Rollout, "down"), &all);
        add(&format!("pods {situation}"), &state, &at(&state, ScreenId::Pods, ""), &all);
        add(&format!("pod page {situation}"), &state, &at(&state, ScreenId::Pods, "enter"), &all[..1]);
    }
    let (mut state, _) = recorded("complete");
    pod_table(&mut state, 2000);
    add("bulk", &state, &at(&state, ScreenId::Pods, "tab down down"), &all);
    let mut state = fixture::measured();
    changed(&mut state, &fixture::target("api"), 5, "registry.example.com/api:1.8.3");
    add("signals", &state, &at(&state, ScreenId::Signals, ""), &all);
    add("signals page", &state, &at(&state, ScreenId::Signals, "enter"), &all[..1]);
    patchy(&mut state);
    add("patchy", &state, &at(&state, ScreenId::Signals, "down down down"), &all[..2]);
    add("no metrics", &fixture::stuck(), &at(&fixture::stuck(), ScreenId::Signals, ""), &all[..1]);
    enter(&mut state, story(&fixture::target("api")));
    add("timeline", &state, &at(&state, ScreenId::Timeline, "down down"), &all);
    add("entry", &state, &at(&state, ScreenId::Timeline, "down down enter"), &all[..1]);
    add("no plan", &state, &at(&state, ScreenId::Checklist, ""), &all[..1]);
    state.settings.plan = Some(std::sync::Arc::new(plan()));
    add("checklist", &state, &at(&state, ScreenId::Checklist, "down"), &all);
    add("own log", &state, &at(&state, ScreenId::OwnLog, ""), &all[..1]);
    std::fs::write("/tmp/show.txt", out).unwrap();
}
