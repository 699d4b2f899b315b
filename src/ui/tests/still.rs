use chrono::Duration;
use ratatui::style::{Color, Modifier};

use super::super::fixture::{drawn, healthy, measured, stuck, ui};
use super::super::skin::Skin;
use super::super::theme::{Depth, SHIPPED, Theme};

#[test]
fn an_unchanged_state_draws_the_same_cells_for_ten_seconds() {
    for state in [healthy(), stuck(), measured()] {
        let ui = ui(&state);
        for (width, height) in [(80, 24), (120, 40), (200, 60)] {
            let first = drawn(&state, &ui, &Skin::plain(), width, height);
            let mut later = state.clone();
            for _ in 0..10 {
                later.now += Duration::seconds(1);
                assert_eq!(first, drawn(&later, &ui, &Skin::plain(), width, height));
            }
        }
    }
}

#[test]
fn ascii_means_ascii() {
    let skin = Skin::new(Theme::shipped(), Depth::True, true);
    for state in [healthy(), stuck(), measured()] {
        let buffer = drawn(&state, &ui(&state), &skin, 200, 60);
        assert!(buffer.content.iter().all(|cell| cell.symbol().is_ascii()));
    }
}

#[test]
fn without_colour_the_selected_row_and_the_trouble_remain() {
    for (name, _) in SHIPPED {
        let theme = Theme::load(name, &std::collections::BTreeMap::new()).unwrap();
        let skin = Skin::new(theme, Depth::None, false);
        let state = stuck();
        let buffer = drawn(&state, &ui(&state), &skin, 80, 24);
        assert!(
            buffer.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset),
            "{name}"
        );
        let marked = Modifier::REVERSED | Modifier::BOLD | Modifier::UNDERLINED;
        assert!(buffer[(20, 4)].modifier.intersects(marked), "{name}: the selected row stands out");
    }
}
