//! Conditions about objects, events and versions: no metrics source is needed for them.

use super::Subject;
use crate::core::judge::evidence::Judged;
use crate::core::judge::fresh::{age, within};
use crate::core::judge::words;
use crate::model::Text;
use crate::model::measure::{Comparison, Op, Span, Unit};
use crate::model::rule::StateField;

/// What was seen of an object longer ago than this says nothing about now: a watch proves its life every 13 s.
const OBJECT_STALE: Span = Span(30);
/// Events are listed at most every 10 s.
const EVENTS_STALE: Span = Span(45);

pub(super) fn state(field: &StateField, is: &Comparison, subject: &Subject<'_>) -> Judged {
    let Some(seen) = subject.samples.states.get(field) else {
        return Judged::unknown(format!("{field} was not seen"));
    };
    let age = Some(age(seen.at, subject.now));
    if let Err(stale) = within(seen.at, OBJECT_STALE, subject.now) {
        return Judged { age, ..Judged::unknown(stale) };
    }
    match &seen.value {
        Err(why) => Judged { age, ..Judged::unknown(why.clone()) },
        Ok(number) if !number.is_finite() => Judged { age, ..Judged::unknown("no number") },
        Ok(number) => {
            let is = super::with_clear(is, subject.clear);
            let shown = words::measured(*number, &is.unit);
            let words = format!("{field} {shown}, bad {}", words::condition(&is));
            Judged { age, ..Judged::of(is.holds(*number), *number, words) }
        }
    }
}

pub(super) fn event(matches: &Text, over: Span, is: &Comparison, subject: &Subject<'_>) -> Judged {
    let Some(log) = &subject.samples.events else { return Judged::unknown("no events were listed yet") };
    if let Err(stale) = within(log.until, EVENTS_STALE, subject.now) {
        return Judged::unknown(stale);
    }
    let since = subject.now - over.to_delta();
    let about = |event: &&crate::model::reading::EventSeen| {
        event.at >= since && (event.reason == *matches || event.message.as_str().contains(matches.as_str()))
    };
    let many: f64 = log.seen.iter().filter(about).map(|event| f64::from(event.count.max(1))).sum();
    let words = format!("{} × {matches} in {over}, bad {}", words::grouped(many), words::condition(is));
    let bad = is.holds(many);
    // more events only make more of them: a breach by "over" stands although the beginning was not seen
    let final_already = bad && matches!(is.op, Op::Greater | Op::AtLeast);
    let age = Some(age(log.until, subject.now));
    if log.since > since && !final_already {
        return Judged { age, ..Judged::unknown(format!("events are followed for less than {over}")) };
    }
    Judged { age, ..Judged::of(bad, many, words) }
}

pub(super) fn skew(most: u32, subject: &Subject<'_>) -> Judged {
    let Some(seen) = subject.samples.versions else { return Judged::unknown("versions were not seen") };
    if let Err(stale) = within(seen.at, OBJECT_STALE, subject.now) {
        return Judged::unknown(stale);
    }
    let many = words::measured(f64::from(seen.serving), &Unit::Count);
    let words = if seen.moving {
        format!("{many} versions serve, a rollout is under way")
    } else {
        format!("{many} versions serve outside a rollout, bad over {most}")
    };
    let bad = !seen.moving && seen.serving > most;
    Judged { age: Some(age(seen.at, subject.now)), ..Judged::of(bad, f64::from(seen.serving), words) }
}
