//! Against values computed elsewhere (exact sums of binomial terms; ranks counted one by one), and properties.

use proptest::prelude::*;

use super::*;

fn tally(failed: f64, requests: f64) -> Tally {
    Tally { requests, failed }
}

fn near(found: Option<f64>, known: f64) {
    let found = found.unwrap();
    assert!((found - known).abs() <= known.abs() * 1e-6 + 1e-12, "{found} where {known} is known");
}

#[test]
fn without_failures_the_bound_is_three_over_n() {
    near(upper_bound(tally(0.0, 500.0)), 0.006);
    near(upper_bound(tally(0.0, 3000.0)), 0.001);
    assert_eq!(upper_bound(tally(0.0, 2.0)), Some(1.0));
    assert_eq!(upper_bound(tally(0.0, 0.0)), None);
    assert_eq!(lower_bound(tally(0.0, 500.0)), Some(0.0));
    assert_eq!(requests_to_show(0.001), Some(3000.0));
    assert_eq!(requests_to_show(0.0), None);
}

#[test]
fn with_failures_both_bounds_are_the_exact_ones() {
    for (failed, requests, upper, lower) in [
        (1.0, 10.0, 0.394_163_302_436_505, 0.005_116_196_891_823_854),
        (5.0, 20.0, 0.455_582_404_001_749_1, 0.104_080_835_910_134_3),
        (10.0, 1000.0, 0.016_903_175_120_562_608, 0.005_435_140_144_706_807),
        (3.0, 50_000.0, 0.000_155_065_759_053_663_04, 1.635_402_230_082_405_6e-5),
        (40.0, 1840.0, 0.028_205_481_632_226_36, 0.016_450_279_519_609_978),
    ] {
        near(upper_bound(tally(failed, requests)), upper);
        near(lower_bound(tally(failed, requests)), lower);
    }
    assert_eq!(upper_bound(tally(20.0, 20.0)), Some(1.0));
}

#[test]
fn where_many_fail_the_bounds_go_on_without_a_step() {
    let (exact, score) = (upper_bound(tally(1000.0, 1e6)), upper_bound(tally(1001.0, 1e6)));
    let (exact, score) = (exact.unwrap(), score.unwrap());
    assert!(score > exact * 0.999 && score < exact * 1.003, "{exact} {score}");
}

#[test]
fn newcombes_interval_is_the_published_one() {
    // R. Newcombe 1998, table II, case (a): 56/70 against 48/80, method 10
    let found = contrast(tally(56.0, 70.0), tally(48.0, 80.0)).unwrap();
    assert!((found.difference - 0.2).abs() < 1e-12);
    assert!((found.low - 0.0524).abs() < 5e-5 && (found.high - 0.3339).abs() < 5e-5, "{found:?}");
    // case (h): 10/10 against 0/10
    let found = contrast(tally(10.0, 10.0), tally(0.0, 10.0)).unwrap();
    assert!((found.low - 0.6075).abs() < 5e-5 && (found.high - 1.0).abs() < 5e-5, "{found:?}");
}

#[test]
fn no_failures_on_either_side_speak_for_no_difference() {
    let found = contrast(tally(0.0, 500.0), tally(0.0, 5000.0)).unwrap();
    assert!(found.low < 0.0 && found.high > 0.0 && (found.p_worse - 0.5).abs() < 1e-12, "{found:?}");
    let worse = contrast(tally(20.0, 500.0), tally(20.0, 5000.0)).unwrap();
    assert!(worse.low > 0.0 && worse.p_worse < 1e-6, "{worse:?}");
    assert_eq!(contrast(tally(0.0, 0.0), tally(0.0, 10.0)), None);
}

#[test]
fn ranks_of_buckets_are_those_of_single_requests() {
    let found = pairs(&[5.0, 10.0, 20.0, 15.0], &[20.0, 15.0, 10.0, 5.0]).unwrap();
    near(Some(found.slower), 0.735);
    near(Some(found.p_slower), 1.409_849_429_720_703e-5);
    assert!(found.low > 0.5 && found.low < found.slower && found.slower < found.high);
    let found = pairs(&[1.0, 2.0, 3.0], &[2.0, 2.0, 2.0]).unwrap();
    near(Some(found.slower), 11.0 / 18.0);
    near(Some(found.p_slower), 0.275_233_427_029_494_3);
}

#[test]
fn histograms_that_tell_no_order_give_no_answer() {
    assert_eq!(pairs(&[0.0, 9.0], &[0.0, 7.0]), None);
    assert_eq!(pairs(&[1.0, 9.0], &[7.0]), None);
    assert_eq!(pairs(&[1.0, f64::NAN], &[7.0, 1.0]), None);
    assert_eq!(pairs(&[0.0, 0.0], &[7.0, 1.0]), None);
}

#[test]
fn a_trend_is_not_bent_by_wild_points() {
    let line = |x: f64| 3.0 + 0.5 * x;
    let mut points: Vec<(f64, f64)> = (0..100).map(f64::from).map(|x| (x, line(x))).collect();
    near(theil_sen(&points), 0.5);
    for index in (0..100).step_by(5) {
        points[index].1 = 1e6;
    }
    near(theil_sen(&points), 0.5);
    assert_eq!(theil_sen(&[(1.0, 2.0)]), None);
    assert_eq!(theil_sen(&[(1.0, 2.0), (1.0, 4.0)]), None);
    assert_eq!(median([3.0, 1.0, f64::NAN, 2.0]), Some(2.0));
    assert_eq!(median([4.0, 1.0, 2.0, 3.0]), Some(2.5));
    assert_eq!(median([]), None);
}

#[test]
fn a_quantile_in_the_open_bucket_is_only_a_lower_end() {
    let bounds = [10.0, 50.0, 100.0, f64::INFINITY];
    assert_eq!(quantile(0.5, &bounds, &[10.0, 20.0, 10.0, 0.0]), Some(Quantile::Is(30.0)));
    assert_eq!(quantile(0.95, &bounds, &[10.0, 0.0, 0.0, 10.0]), Some(Quantile::AtLeast(100.0)));
    assert_eq!(quantile(1.0, &bounds, &[10.0, 20.0, 10.0, 0.0]), Some(Quantile::Is(100.0)));
    assert_eq!(quantile(0.5, &bounds, &[0.0; 4]), None);
    assert_eq!(quantile(0.5, &[2.0, 1.0], &[1.0, 1.0]), None);
    assert_eq!(quantile(0.5, &bounds, &[1.0, f64::INFINITY, 0.0, 0.0]), None);
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => 0.0..1e6_f64,
        2 => (0_u32..50).prop_map(f64::from),
        1 => prop::num::f64::ANY,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn bounds_enclose_what_was_seen_and_are_never_nan(requests in number(), failed in number()) {
        let seen = tally(failed, requests);
        if let Some(share) = seen.share() {
            let (low, high) = (lower_bound(seen).unwrap(), upper_bound(seen).unwrap());
            prop_assert!(0.0 <= low && low <= share + 1e-9 && share <= high + 1e-9 && high <= 1.0, "{low} {share} {high}");
            let (low, high) = wilson(seen).unwrap();
            prop_assert!(low <= share + 1e-9 && share <= high + 1e-9, "{low} {share} {high}");
        } else {
            prop_assert!(upper_bound(seen).is_none() && lower_bound(seen).is_none() && wilson(seen).is_none());
        }
    }

    #[test]
    fn the_upper_bound_misses_the_true_rate_in_one_of_twenty_runs_at_most(n in 20_u32..100, p in 0.005..0.5_f64) {
        // chance of so few failures that the bound lies under the true rate, summed exactly
        let n_f = f64::from(n);
        let mut term = (1.0 - p).powf(n_f);
        let mut missed = 0.0;
        for x in 0..n {
            if upper_bound(tally(f64::from(x), n_f)).unwrap() < p {
                missed += term;
            }
            term *= (n_f - f64::from(x)) / (f64::from(x) + 1.0) * p / (1.0 - p);
        }
        prop_assert!(missed <= 0.05 + 1e-6, "missed with chance {missed}");
    }

    #[test]
    fn swapping_the_sides_turns_every_comparison_round(
        a in prop::collection::vec(0_u32..100, 5),
        b in prop::collection::vec(0_u32..100, 5),
    ) {
        let (a, b): (Vec<f64>, Vec<f64>) = (a.into_iter().map(f64::from).collect(), b.into_iter().map(f64::from).collect());
        match (pairs(&a, &b), pairs(&b, &a)) {
            (Some(one), Some(other)) => {
                prop_assert!((one.slower + other.slower - 1.0).abs() < 1e-9);
                prop_assert!((one.p_slower + other.p_slower - 1.0).abs() < 1e-9);
                prop_assert!(one.low <= one.slower && one.slower <= one.high);
            }
            (None, None) => {}
            differ => prop_assert!(false, "{differ:?}"),
        }
    }

    #[test]
    fn no_answer_is_ever_nan(values in prop::collection::vec(number(), 0..8), others in prop::collection::vec(number(), 0..8)) {
        let points: Vec<(f64, f64)> = values.iter().copied().zip(others.iter().copied()).collect();
        prop_assert!(theil_sen(&points).is_none_or(f64::is_finite));
        prop_assert!(median(values.iter().copied()).is_none_or(f64::is_finite));
        if let Some(found) = pairs(&values, &others) {
            prop_assert!(found.slower.is_finite() && found.p_slower.is_finite() && found.low.is_finite());
        }
        match quantile(0.95, &values, &others) {
            Some(Quantile::Is(value) | Quantile::AtLeast(value)) => prop_assert!(value.is_finite()),
            None => {}
        }
    }
}
