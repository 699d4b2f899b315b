//! Diagnostics as a person reads them: the line of the file, the place under it, what is wrong and what helps.

use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::model::Text;
use crate::model::plan::{Diagnostic, Gravity};

/// Renders diagnostics of `source`, which was read from `file`; `colour` adds the escape sequences of a terminal.
#[must_use]
pub fn render(diagnostics: &[Diagnostic], source: &str, file: &str, colour: bool) -> String {
    let source = printable(source);
    let file = Text::clean(file);
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for diagnostic in diagnostics {
        out.push_str(&renderer.render(&[group(diagnostic, &source, file.as_str())]));
        out.push_str("\n\n");
    }
    // writing to a String cannot fail
    let _ = writeln!(out, "{file}: {}", summary(diagnostics));
    out
}

/// How many of which gravity.
fn summary(diagnostics: &[Diagnostic]) -> String {
    let count = |gravity| diagnostics.iter().filter(|diagnostic| diagnostic.gravity == gravity).count();
    let of = |count: usize, one: &str, more: &str| format!("{count} {}", if count == 1 { one } else { more });
    let all = [
        (count(Gravity::Error), "thing to put right", "things to put right"),
        (count(Gravity::Warning), "warning", "warnings"),
        (count(Gravity::Note), "note", "notes"),
    ];
    let told: Vec<String> = all
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, more)| of(count, one, more))
        .collect();
    if told.is_empty() { "nothing to put right".to_owned() } else { told.join(", ") }
}

fn group<'a>(diagnostic: &'a Diagnostic, source: &'a str, file: &'a str) -> Group<'a> {
    let place = AnnotationKind::Primary.span(span(diagnostic, source));
    let level = match diagnostic.gravity {
        Gravity::Error => Level::ERROR,
        Gravity::Warning => Level::WARNING,
        Gravity::Note => Level::NOTE,
    };
    let group = level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.rule.as_str())
        .element(Snippet::source(source).path(file).annotation(place));
    match &diagnostic.suggestion {
        Some(suggestion) => group.element(Level::HELP.message(suggestion.as_str())),
        None => group,
    }
}

/// The bytes of a diagnostic's place, within its line.
fn span(diagnostic: &Diagnostic, source: &str) -> std::ops::Range<usize> {
    let before: usize =
        source.split_inclusive('\n').take(diagnostic.line.saturating_sub(1)).map(str::len).sum();
    let line = source[before..].lines().next().unwrap_or_default();
    let byte = |column: usize| line.char_indices().nth(column).map_or(line.len(), |(at, _)| at);
    let column = diagnostic.column.saturating_sub(1);
    before + byte(column)..before + byte(column + diagnostic.length.max(1))
}

/// The source with what must not reach a terminal replaced, character for character, so that columns stay.
fn printable(source: &str) -> String {
    let safe = |c: char| {
        let harmless =
            c == '\n' || c == '\t' || Text::clean(c.encode_utf8(&mut [0; 4])).as_str().starts_with(c);
        if harmless { c } else { char::REPLACEMENT_CHARACTER }
    };
    source.chars().map(safe).collect()
}
