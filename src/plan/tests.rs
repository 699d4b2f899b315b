mod blocks;
mod table;

use proptest::prelude::*;

use super::*;
use crate::model::Text;
use crate::model::plan::EvidenceKind;
use crate::model::target::Target;

const SAMPLE: &str = include_str!("../../tests/plans/fx-platform.yaml");

fn rendered(file: &str, source: &str) -> String {
    render(&load(source).unwrap_err(), source, file, false)
}

fn rules(source: &str) -> Vec<String> {
    load(source).unwrap_err().into_iter().map(|diagnostic| diagnostic.rule).collect()
}

#[test]
fn the_sample_loads_as_it_is_meant() {
    let plan = load(SAMPLE).unwrap_or_else(|_| panic!("{}", rendered("fx-platform.yaml", SAMPLE)));
    assert_eq!((plan.id.as_str(), plan.title.as_str()), ("fx-platform-2-4", "FX platform 2.4"));
    assert_eq!(plan.release.previous.as_ref().map(Text::as_str), Some("2.3.7"));
    let targets: Vec<_> =
        plan.components.iter().flat_map(|component| &component.workloads).map(Target::to_string).collect();
    assert_eq!(
        targets,
        ["StatefulSet/ledger", "Deployment/quotes-api", "Deployment/quotes-stream", "Deployment/api-gateway"]
    );
    assert_eq!(plan.components[0].workloads[0].namespace.as_str(), "fx", "the only namespace there is");
    assert!(plan.components[0].stop_never && !plan.components[1].stop_never);
    assert_eq!(plan.components[1].version_label.as_deref(), Some("version"));
    assert_eq!(plan.release.about["change_ref"].as_str(), "CHG-4711");
    let items: Vec<_> = plan.items().map(|(_, item)| (item.id.as_str(), item.evidence)).collect();
    assert_eq!(
        items,
        [
            ("backup", EvidenceKind::Value),
            ("announced", EvidenceKind::Link),
            ("on-call", EvidenceKind::Note),
            ("error-rate", EvidenceKind::Value),
            ("order-flow", EvidenceKind::Note),
            ("release-notes", EvidenceKind::Link),
            ("tidy", EvidenceKind::None),
        ],
        "critical items come first, else the order of the file stands"
    );
}

#[test]
fn the_hash_names_the_intent_and_not_the_spelling() {
    let hash = |source: &str| load(source).unwrap().hash;
    let sample = hash(SAMPLE);
    assert_eq!(sample.len(), 64);
    let respelled = SAMPLE.replace(
        "  id: fx-platform-2-4\n  title: FX platform 2.4\n",
        "  title: 'FX platform 2.4' # for people\n  id: fx-platform-2-4\n",
    );
    assert_ne!(respelled, SAMPLE);
    assert_eq!(hash(&respelled), sample);
    assert_ne!(hash(&SAMPLE.replace("2.4.0", "2.4.1")), sample);
    assert_ne!(hash(&SAMPLE.replace("evidence: none", "evidence: note")), sample);
}

#[test]
fn all_mistakes_of_form_are_told_at_once() {
    let source = include_str!("../../tests/plans/broken-form.yaml");
    insta::assert_snapshot!(rendered("broken-form.yaml", source));
}

#[test]
fn all_mistakes_of_meaning_are_told_at_once() {
    let source = include_str!("../../tests/plans/broken-meaning.yaml");
    insta::assert_snapshot!(rendered("broken-meaning.yaml", source));
}

#[test]
fn what_is_no_yaml_is_told_where_it_stops_being_it() {
    let source = "plan:\n  id: fx\n title: FX\n";
    insta::assert_snapshot!(rendered("plan.yaml", source));
    for (source, rule) in [
        ("", "F01"),
        ("just words", "F05"),
        ("- a\n- b\n", "F05"),
        ("a: 1\n---\nb: 2\n", "F01"),
        ("a: !!str b", "F01"),
    ] {
        assert_eq!(rules(source), [rule], "{source:?}");
    }
}

#[test]
fn every_known_block_that_is_not_run_says_so() {
    for block in schema::FILE.at(schema::Level::Later) {
        let source = format!("{SAMPLE}\n{block}: []\n");
        let found = load(&source).unwrap_err();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].rule, "F06", "{block}");
        assert!(found[0].message.as_str().contains("this version does not run it"));
        assert_eq!((found[0].line, found[0].column), (source.lines().count(), 1));
    }
}

#[test]
fn aliases_are_followed_and_bombs_are_not() {
    let aliased = SAMPLE.replacen("namespaces: [fx]", "namespaces: &view [fx]", 1).replacen(
        "namespaces: [fx]",
        "namespaces: *view",
        1,
    );
    assert_eq!(load(&aliased).unwrap().hash, load(SAMPLE).unwrap().hash);
    let mut bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (inner, outer) in "abcdefgh".chars().zip("bcdefghi".chars()) {
        let ten = vec![format!("*{inner}"); 10].join(", ");
        bomb = format!("{bomb}{outer}: &{outer} [{ten}]\n");
    }
    assert_eq!(rules(&bomb), ["F01"]);
    assert_eq!(rules(&"[".repeat(100_000)), ["F01"]);
    assert_eq!(rules(&format!("a: {}1{}", "[".repeat(40), "]".repeat(40))), ["F01"]);
    assert_eq!(rules(&"x".repeat(2 * 1024 * 1024)), ["F01"]);
}

#[test]
fn nothing_of_a_hostile_file_reaches_the_terminal() {
    let source = "plan: {id: fx, title: \"a\", own\u{202e}er: b}\nx\u{9b}31m: \"\u{7}\"\r\n";
    let found = rendered("plan\u{1b}[2J.yaml", source);
    assert!(found.chars().all(|c| c == '\n' || !c.is_control()), "{found:?}");
    assert!(!found.contains('\u{202e}'));
}

#[test]
fn colour_is_there_only_when_asked_for() {
    let found = load("").unwrap_err();
    assert!(render(&found, "", "plan.yaml", true).contains('\u{1b}'));
    assert!(!render(&found, "", "plan.yaml", false).contains('\u{1b}'));
}

/// The sample with one stretch of it replaced.
fn mutated() -> impl Strategy<Value = String> {
    let stretch = (any::<prop::sample::Index>(), 0..40_usize, ".{0,12}|[ \n:\\[\\]{}&*!|>'\"#-]{0,8}");
    stretch.prop_map(|(at, length, text)| {
        let chars: Vec<char> = SAMPLE.chars().collect();
        let at = at.index(chars.len());
        let after = (at + length).min(chars.len());
        chars[..at].iter().collect::<String>() + &text + &chars[after..].iter().collect::<String>()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_makes_it_panic_and_every_diagnostic_has_a_place_in_the_file(source in prop_oneof![mutated(), any::<String>(), "[a-z:\\- \n\\[\\]{}&*#'\"|>~?]{0,200}"]) {
        if let Err(found) = load(&source) {
            prop_assert!(!found.is_empty());
            let lines = source.split('\n').count();
            for diagnostic in &found {
                prop_assert!((1..=lines + 1).contains(&diagnostic.line), "{diagnostic:?}");
                prop_assert!(diagnostic.column >= 1 && !diagnostic.message.is_empty());
            }
            prop_assert!(render(&found, &source, "plan.yaml", false).contains("plan.yaml"));
        }
    }
}
