use chrono::TimeDelta;

use super::source::Mood;
use super::*;

#[tokio::test(start_paused = true)]
async fn both_sides_come_with_values_counts_curves_and_one_sentence() {
    let mut running = Running::start(wanting(&["api"]));
    let found = running.metrics(|source| matches!(source, MetricsSource::Found { .. })).await;
    let MetricsSource::Found { place, how } = found else { unreachable!() };
    assert_eq!(
        (place.as_str(), how.as_str()),
        ("monitoring/prometheus-k8s:9090", "Service found in monitoring")
    );
    let set = running.signals(has_values).await;
    assert_eq!(*now(&set, Side::Candidate, Signal::ErrorRate), Reading::Value(2.0));
    assert_eq!(
        set.found.as_str(),
        "http_requests_total by code, http_request_duration_seconds (histogram), joined by pod"
    );
    // 50 requests a second for a minute, of which 2 percent failed
    let counted = set.counted[&Side::Stable];
    assert_eq!((counted.requests, counted.failed), (3000.0, 60.0));
    let with_curve =
        running.signals(|set| set.tracks[&Side::Stable][&Signal::LatencyP95].points.len() > 100).await;
    let points = &with_curve.tracks[&Side::Stable][&Signal::LatencyP95].points;
    assert!(points.iter().all(|(_, value)| value.is_some()), "{points:?}");
    assert!(points.windows(2).all(|pair| pair[1].0 - pair[0].0 == TimeDelta::seconds(15)), "{points:?}");
}

#[tokio::test(start_paused = true)]
async fn a_killed_source_turns_every_signal_to_failed_within_one_round() {
    let mut running = Running::start(wanting(&["api"]));
    running.signals(has_values).await;
    running.source.set(Mood::Dead);
    let killed = Instant::now();
    let silent = running.metrics(|source| matches!(source, MetricsSource::Silent { .. })).await;
    let MetricsSource::Silent { why, .. } = silent else { unreachable!() };
    assert!(why.as_str().contains("connection refused"), "{why}");
    let set = running.signals(|set| all(set, |reading| matches!(reading, Reading::Failed(_)))).await;
    assert!(killed.elapsed() <= Duration::from_secs(6), "{:?}", killed.elapsed());
    assert!(set.counted.is_empty(), "{set:?}");
    let track = &set.tracks[&Side::Candidate][&Signal::ErrorRate];
    assert_eq!(track.points.last().map(|(_, value)| *value), Some(None));
    assert!(track.sampled.is_some(), "when it was last seen is still known");
}

#[tokio::test(start_paused = true)]
async fn a_frozen_source_is_silent_after_a_probe_and_its_deadline() {
    let mut running = Running::start(wanting(&["api", "bot"]));
    running.signals(|set| set.target.name.as_str() == "bot" && has_values(set)).await;
    running.source.set(Mood::Hanging);
    let frozen = Instant::now();
    running.metrics(|source| matches!(source, MetricsSource::Silent { .. })).await;
    assert!(frozen.elapsed() <= Duration::from_secs(11), "{:?}", frozen.elapsed());
    for name in ["api", "bot"] {
        running
            .signals(|set| set.target.name.as_str() == name && all(set, |one| one.value().is_none()))
            .await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_that_comes_back_is_found_again_and_the_gap_is_filled() {
    let mut running = Running::start(wanting(&["api"]));
    running.signals(has_values).await;
    running.source.set(Mood::Dead);
    running.metrics(|source| matches!(source, MetricsSource::Silent { .. })).await;
    tokio::time::sleep(Duration::from_mins(5)).await;
    let tried =
        running.source.asked().into_iter().filter(|(at, _)| at.elapsed() < Duration::from_mins(4)).count();
    assert!((4..=12).contains(&tried), "searched {tried} times in four minutes");
    running.source.set(Mood::Alive);
    running.metrics(|source| matches!(source, MetricsSource::Found { .. })).await;
    let set = running
        .signals(|set| {
            set.tracks[&Side::Stable][&Signal::RequestRate].points.iter().all(|(_, v)| v.is_some())
        })
        .await;
    assert!(has_values(&set));
}

#[tokio::test(start_paused = true)]
async fn an_old_sample_is_stale_however_often_it_is_served() {
    let mut running = Running::start(wanting(&["api"]));
    running.source.set(Mood::ScrapedAgo(120));
    let set = running.signals(|set| !set.tracks[&Side::Stable][&Signal::ErrorRate].query.is_empty()).await;
    assert!(all(&set, |reading| *reading == Reading::Stale { age_seconds: 120 }), "{set:?}");
    assert!(set.counted.is_empty());
}

#[tokio::test(start_paused = true)]
async fn targets_that_are_gone_make_their_lingering_rates_stale() {
    let mut running = Running::start(wanting(&["api"]));
    let before = running.signals(has_values).await;
    running.source.set(Mood::TargetsGone);
    let set = running.signals(|set| all(set, |reading| matches!(reading, Reading::Stale { .. }))).await;
    let age = set.asked - before.tracks[&Side::Stable][&Signal::ErrorRate].sampled.unwrap();
    assert_eq!(
        *now(&set, Side::Stable, Signal::ErrorRate),
        Reading::Stale { age_seconds: u32::try_from((age.num_milliseconds() + 500) / 1000).unwrap() }
    );
}

#[tokio::test(start_paused = true)]
async fn a_source_with_another_clock_is_neither_fresh_nor_old_for_that() {
    for minutes in [-10, 10] {
        let mut running = Running::start(wanting(&["api"]));
        running.source.put_ahead(TimeDelta::minutes(minutes));
        let set = running.signals(|set| has_values(set) && set.counted.len() == 2).await;
        let sampled = set.tracks[&Side::Stable][&Signal::ErrorRate].sampled.unwrap();
        assert!((set.asked - sampled - TimeDelta::seconds(3)).abs() < TimeDelta::seconds(1), "{sampled}");
        let (last, _) = set.tracks[&Side::Stable][&Signal::ErrorRate].points.last().copied().unwrap();
        assert!((set.asked - last).abs() < TimeDelta::seconds(20), "{last} {}", set.asked);
    }
}

#[tokio::test(start_paused = true)]
async fn no_known_metric_is_no_data_and_says_what_was_looked_for() {
    let mut running = Running::start(wanting(&["api"]));
    running.source.set(Mood::Empty);
    let set = running.signals(|_| true).await;
    assert!(all(&set, |reading| *reading == Reading::NoData));
    assert!(set.found.as_str().starts_with("none of http_requests_total"), "{}", set.found);
    running.source.set(Mood::Alive);
    running.signals(has_values).await;
}

#[tokio::test(start_paused = true)]
async fn a_new_candidate_is_asked_for_at_once() {
    let mut running = Running::start(wanting(&["api"]));
    running.signals(has_values).await;
    let mut next = wanting(&["api"]);
    next.queries[0].sides[1].1 = Name::new("api-f00d");
    let changed = Instant::now();
    running.wanted.send(next).unwrap();
    running
        .signals(|set| set.tracks[&Side::Candidate][&Signal::ErrorRate].query.as_str().contains("f00d"))
        .await;
    assert!(changed.elapsed() <= Duration::from_secs(2), "{:?}", changed.elapsed());
}

#[tokio::test(start_paused = true)]
async fn the_budget_holds_and_nothing_is_asked_twice_at_once() {
    for names in
        [&["api"][..], &["a", "b", "c"], &["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"]]
    {
        let running = Running::start(wanting(names));
        tokio::time::sleep(Duration::from_mins(1)).await;
        let first_minute = running.source.asked().len();
        let started = Instant::now();
        tokio::time::sleep(Duration::from_mins(11)).await;
        let asked = running.source.asked().len() - first_minute;
        let budget = 2 * started.elapsed().as_secs();
        assert!(asked <= usize::try_from(budget).unwrap(), "{} workloads: {asked} of {budget}", names.len());
        assert!(!running.source.overlapped());
        running.cancel.cancel();
    }
}

#[tokio::test(start_paused = true)]
async fn the_poller_ends_when_cancelled_or_no_longer_wanted() {
    for mood in [Mood::Alive, Mood::Hanging, Mood::Dead] {
        let running = Running::start(wanting(&["api"]));
        running.source.set(mood);
        tokio::time::sleep(Duration::from_secs(7)).await;
        running.cancel.cancel();
        running.task.await.unwrap();

        let running = Running::start(wanting(&["api"]));
        running.source.set(mood);
        drop(running.wanted);
        running.task.await.unwrap();
    }
}
