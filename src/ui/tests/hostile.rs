use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

use super::super::fixture::{add, drawn, in_flight, minutes_ago, sheet, stuck, target, ui};
use super::super::skin::Skin;
use crate::core::State;
use crate::core::desk::{Notice, Tone};
use crate::model::Text;
use crate::model::ids::{ContextName, Name, Namespace};
use crate::model::owner::Driver;
use crate::model::target::Target;
use crate::model::view::{Reason, WorkloadState};

/// Control sequences, bidirectional overrides, zero widths, tags, stacked marks, wide and damaged text.
const HOSTILE: [&str; 9] = [
    "a\u{1b}[31mb\u{1b}]52;c;ZXZpbA==\u{7}",
    "safe\u{202e}evil\u{2066}x\u{2069}",
    "zero\u{200b}\u{feff}\u{2060}width",
    "tag\u{e0041}\u{e007f}",
    "line\u{2028}break\u{2029}",
    "tab\tcr\rlf\n",
    "\u{9b}31m\u{85}",
    "z\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
    "日本語👩‍👩‍👧 \u{fffd}",
];

/// How many strings are tried.
const MANY: usize = 10_000;

/// Strings of pieces of the above, the same in every run.
fn strings() -> impl Iterator<Item = String> {
    let mut seed = 0x2545_F491_4F6C_DD1D_u64;
    let mut below = move |bound: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % bound
    };
    std::iter::repeat_with(move || {
        (0..=below(4))
            .map(|_| {
                let whole: Vec<char> = HOSTILE[below(HOSTILE.len())].chars().collect();
                let from = below(whole.len());
                whole[from..=from + below(whole.len() - from)].iter().collect::<String>()
            })
            .collect()
    })
    .take(MANY)
}

/// Hostile text in every place that text from outside reaches, also in those that should have been safe by their kind.
fn attacked(mut text: impl FnMut() -> String) -> State {
    let mut state = stuck();
    if let Some(connection) = &mut state.world.connection {
        connection.context = ContextName::new(text());
        connection.user = Text::clean(&text());
        connection.server = Text::clean(&text());
        connection.ca_fingerprint = Some(text());
    }
    let mut view = in_flight("api", "1.8.2", "1.8.3", 9, 0, 9);
    view.state = WorkloadState::Stuck;
    view.target = Target { name: Name::new(text()), namespace: Namespace::new(text()), ..target("api") };
    view.reasons =
        vec![Reason { what: Text::clean(&text()), detail: Some(Text::clean(&text())), since: None }];
    view.driver = Some(Driver { kind: text(), name: Name::new(text()) });
    add(&mut state, view, minutes_ago(4));
    state.desk.notice = Some(Notice { text: Text::clean(&text()), tone: Tone::Bad, at: state.now });
    state
}

fn harmless(symbol: &str) -> bool {
    symbol.chars().all(|c| {
        !matches!(
            c.general_category(),
            GeneralCategory::Control
                | GeneralCategory::Format
                | GeneralCategory::LineSeparator
                | GeneralCategory::ParagraphSeparator
        )
    })
}

#[test]
fn hostile_text_reaches_no_cell() {
    for text in HOSTILE {
        let mut state = attacked(|| text.to_owned());
        for (width, height) in [(80, 24), (120, 40), (23, 7)] {
            let picture = drawn(&state, &ui(&state), &Skin::plain(), width, height);
            assert!(
                picture.content.iter().all(|cell| harmless(cell.symbol())),
                "{text:?} at {width}x{height}"
            );
        }
        state.desk.sheet = Some(sheet(&stuck()));
        let picture = drawn(&state, &ui(&state), &Skin::plain(), 80, 24);
        assert!(picture.content.iter().all(|cell| harmless(cell.symbol())), "{text:?} under a sheet");
    }
}

#[test]
fn ten_thousand_hostile_strings_reach_no_cell() {
    let mut strings = strings().peekable();
    let mut tried = 0;
    while strings.peek().is_some() {
        let mut used = Vec::new();
        let state = attacked(|| {
            let text = strings.next().unwrap_or_default();
            used.push(text.clone());
            text
        });
        tried += used.len();
        let picture = drawn(&state, &ui(&state), &Skin::plain(), 100, 24);
        assert!(picture.content.iter().all(|cell| harmless(cell.symbol())), "{used:?}");
    }
    assert!(tried >= MANY);
}
