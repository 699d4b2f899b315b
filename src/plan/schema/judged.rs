//! What is measured and judged: metrics, rules and every form of `when`, gates, what a probe expects.

use super::super::words::{Auto, run};
use super::{Block, Form, Member, later, required, runs};
use crate::model::rule::{BaselineTake, Deed, Direction, Fit, OnMissing, Op, RuleScope, Severity, Stat};
use crate::model::series::Signal;

/// What a probe's answer should be.
pub(in super::super) static EXPECT: Block = Block {
    name: "`expect`",
    members: &[
        runs("status", Form::Either(&[Form::Whole, Form::Many(&Form::Whole)])),
        runs("body_contains", Form::Text),
        runs("json", Form::Many(&Form::One(&JSON_EXPECT))),
        runs("header", Form::Pairs),
        runs("max_ms", Form::Whole),
        runs("cert_days_min", Form::Whole),
        runs("refused", Form::Flag),
    ],
};

/// A value inside a JSON body.
pub(in super::super) static JSON_EXPECT: Block = Block {
    name: "an expected JSON value",
    members: &[
        required("path", Form::Text),
        required("value", Form::Text),
        runs("op", Form::Word(run::<Op>)),
    ],
};

/// One of `metrics`.
pub(in super::super) static METRIC: Block = Block {
    name: "a metric",
    members: &[
        required("id", Form::Slug),
        runs("title", Form::Text),
        runs("unit", Form::Text),
        runs("stat", Form::Word(run::<Stat>)),
        runs("query", Form::Text),
        runs("from", Form::One(&METRIC_FROM)),
        runs("by_version", Form::Flag),
        runs("per_pod", Form::Flag),
        runs("direction", Form::Word(run::<Direction>)),
        runs("samples_query", Form::Text),
        runs("target", Form::One(&TARGET)),
        runs("staleness", Form::Span),
        runs("business", Form::Flag),
        runs("baseline", Form::One(&BASELINE)),
    ],
};

/// Where a metric without a query comes from: exactly one member.
pub(in super::super) static METRIC_FROM: Block = Block {
    name: "`from`",
    members: &[
        runs("signal", Form::Word(run::<Signal>)),
        runs("k8s", Form::Text),
        runs("probe", Form::Slug),
        later("log-pattern"),
        later("command"),
    ],
};

/// A metric's `target`.
pub(in super::super) static TARGET: Block = Block {
    name: "`target`",
    members: &[
        required("op", Form::Word(run::<Op>)),
        required("value", Form::Number),
        runs("unit", Form::Text),
        runs("window", Form::Span),
        runs("under", Form::Number),
    ],
};

/// A metric's `baseline`.
pub(in super::super) static BASELINE: Block = Block {
    name: "`baseline`",
    members: &[required("take", Form::Word(run::<BaselineTake>)), runs("window", Form::Span)],
};

/// One of `rules`.
pub(in super::super) static RULE: Block = Block {
    name: "a rule",
    members: &[
        required("id", Form::Slug),
        required("when", Form::One(&WHEN)),
        required("severity", Form::Word(run::<Severity>)),
        runs("metric", Form::Slug),
        runs("scope", Form::Word(run::<RuleScope>)),
        runs("for", Form::Span),
        runs("clear_for", Form::Span),
        runs("clear", Form::Number),
        runs("min_samples", Form::Either(&[Form::Whole, Form::Word(run::<Auto>)])),
        runs("min_coverage", Form::Share),
        runs("on_missing", Form::Word(run::<OnMissing>)),
        runs("active", Form::One(&ACTIVE)),
        runs("do", Form::Either(&[Form::Word(run::<Deed>), Form::Many(&Form::Word(run::<Deed>))])),
        runs("derive_notice", Form::Flag),
    ],
};

/// When a rule applies.
pub(in super::super) static ACTIVE: Block = Block {
    name: "`active`",
    members: &[runs("steps", Form::Many(&Form::Share)), later("phases"), later("windows")],
};

/// A rule's `when`: exactly one member.
pub(in super::super) static WHEN: Block = Block {
    name: "`when`",
    members: &[
        runs("value", Form::One(&VALUE)),
        runs("ratio_to", Form::One(&RATIO_TO)),
        runs("difference_to", Form::One(&DIFFERENCE_TO)),
        runs("growth_per", Form::One(&GROWTH_PER)),
        runs("growth_over", Form::One(&GROWTH_OVER)),
        runs("delta_over", Form::One(&DELTA_OVER)),
        runs("absent_for", Form::One(&ABSENT_FOR)),
        runs("burn", Form::One(&BURN)),
        runs("time_to", Form::One(&TIME_TO)),
        runs("state", Form::One(&STATE)),
        runs("event", Form::One(&EVENT)),
        runs("skew", Form::One(&SKEW)),
        runs("all_of", Form::Many(&Form::One(&WHEN))),
        runs("any_of", Form::Many(&Form::One(&WHEN))),
        runs("not", Form::One(&WHEN)),
    ],
};

const OP: Member = required("op", Form::Word(run::<Op>));
const NUMBER: Member = required("value", Form::Number);
const UNIT: Member = runs("unit", Form::Text);
const OVER: Member = required("over", Form::Span);

/// A plain threshold.
pub(in super::super) static VALUE: Block = Block { name: "`value`", members: &[OP, NUMBER, UNIT] };

/// Divided by something else.
pub(in super::super) static RATIO_TO: Block =
    Block { name: "`ratio_to`", members: &[required("of", Form::Text), OP, NUMBER, UNIT] };

/// Less something else.
pub(in super::super) static DIFFERENCE_TO: Block =
    Block { name: "`difference_to`", members: &[required("of", Form::Text), OP, NUMBER, UNIT] };

/// Slope.
pub(in super::super) static GROWTH_PER: Block = Block {
    name: "`growth_per`",
    members: &[
        required("per", Form::Span),
        OP,
        NUMBER,
        UNIT,
        runs("window", Form::Span),
        runs("min_span", Form::Span),
        runs("fit", Form::Word(run::<Fit>)),
    ],
};

/// End against start.
pub(in super::super) static GROWTH_OVER: Block =
    Block { name: "`growth_over`", members: &[OVER, OP, NUMBER, UNIT, runs("edge", Form::Span)] };

/// Counter increase.
pub(in super::super) static DELTA_OVER: Block =
    Block { name: "`delta_over`", members: &[OVER, OP, NUMBER, UNIT] };

/// No data.
pub(in super::super) static ABSENT_FOR: Block =
    Block { name: "`absent_for`", members: &[required("for", Form::Span)] };

/// Error budget.
pub(in super::super) static BURN: Block =
    Block { name: "`burn`", members: &[required("budget", Form::Share), OVER, OP, NUMBER, UNIT] };

/// Time to a limit.
pub(in super::super) static TIME_TO: Block =
    Block { name: "`time_to`", members: &[required("limit", Form::Text), required("within", Form::Span)] };

/// Object state.
pub(in super::super) static STATE: Block =
    Block { name: "`state`", members: &[required("k8s", Form::Text), OP, NUMBER, UNIT] };

/// Cluster events.
pub(in super::super) static EVENT: Block =
    Block { name: "`event`", members: &[required("match", Form::Text), OVER, OP, NUMBER, UNIT] };

/// Version skew.
pub(in super::super) static SKEW: Block = Block { name: "`skew`", members: &[runs("versions", Form::Whole)] };

/// One of `gates`.
pub(in super::super) static GATE: Block = Block {
    name: "a gate",
    members: &[
        required("id", Form::Slug),
        required("all_of", Form::Texts),
        runs("for", Form::Span),
        runs("snapshot", Form::Flag),
        later("poll_before"),
    ],
};
