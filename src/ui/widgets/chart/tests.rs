use chrono::{TimeDelta, TimeZone as _, Utc};
use ratatui::buffer::Buffer;

use super::*;
use crate::ui::skin::Skin;

fn now() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 20, 14, 0, 0).unwrap()
}

fn drawn(chart: &Chart<'_>, width: u16, height: u16) -> Vec<String> {
    let area = Rect { x: 0, y: 0, width, height };
    let mut buffer = Buffer::empty(area);
    let skin = Skin::plain();
    chart.draw(&mut Canvas { buffer: &mut buffer, skin: &skin, hits: Vec::new() }, area);
    let rows = buffer.content.chunks(usize::from(width).max(1));
    rows.map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect()).collect()
}

fn chart(points: &[(Time, Option<f64>)]) -> Chart<'_> {
    Chart {
        series: vec![Series { points, role: Role::Stable, heavy: false }],
        limits: Vec::new(),
        marks: Vec::new(),
        until: now(),
        span: TimeDelta::minutes(10),
        least_top: 1.0,
    }
}

fn every_minute(values: &[Option<f64>]) -> Vec<(Time, Option<f64>)> {
    let count = i64::try_from(values.len()).unwrap();
    (0..count).rev().zip(values).map(|(ago, value)| (now() - TimeDelta::minutes(ago), *value)).collect()
}

#[test]
fn the_newest_point_stands_at_the_right_edge_and_a_gap_is_empty() {
    let points = every_minute(&[Some(1.0), Some(1.0), None, None, Some(1.0), Some(1.0)]);
    let rows = drawn(&chart(&points), 27, 4);
    let plot: Vec<char> = rows[0].chars().skip(7).collect();
    assert_ne!(plot[19], ' ', "{rows:?}");
    assert_eq!(plot[14], ' ', "the gap between both pieces: {rows:?}");
    assert_eq!(plot[5], ' ', "nothing before the first point: {rows:?}");
    assert!(rows[3].ends_with("14:00") && rows[3].contains("13:50"), "{rows:?}");
}

#[test]
fn a_limit_above_the_scale_is_said_and_one_inside_is_drawn() {
    let points = every_minute(&[Some(0.2), Some(0.3)]);
    let mut chart = chart(&points);
    chart.limits = vec![
        Limit { value: 0.5, word: "target".to_owned() },
        Limit { value: 9.0, word: "rolls back".to_owned() },
    ];
    let rows = drawn(&chart, 50, 6);
    assert!(rows[0].contains("rolls back 9.0 ↑"), "{rows:?}");
    assert!(rows.iter().any(|row| row.contains("target ┄┄┄")), "{rows:?}");
}

#[test]
fn marks_stand_below_their_moment() {
    let points = every_minute(&[Some(0.2)]);
    let mut chart = chart(&points);
    chart.marks = vec![Mark { at: now() - TimeDelta::minutes(5), word: "image".to_owned() }];
    let rows = drawn(&chart, 67, 6);
    assert_eq!(rows[5].chars().position(|c| c == '↑'), Some(7 + 30), "{rows:?}");
    assert!(rows[5].contains("↑image"));
}

#[test]
fn no_size_and_no_value_breaks_it() {
    let wild =
        [Some(f64::NAN), Some(f64::INFINITY), Some(-3.0), Some(f64::MAX), Some(f64::MIN_POSITIVE), None];
    let points = every_minute(&wild);
    for width in 0..40 {
        for height in 0..12 {
            drawn(&chart(&points), width, height);
        }
    }
    drawn(&chart(&[]), 80, 10);
}
