//! What samples show about a target, in the words of a person. A green light says what it proves.

use super::stats::{Pairs, Tally, contrast, lower_bound, upper_bound};
use super::words::{about, chance, grouped, percent};
use crate::model::Text;
use crate::model::measure::Share;
use crate::model::proof::Claim;
use crate::model::rule::MinSamples;

/// A chance under this counts as a difference.
pub(super) const SURE: f64 = 0.05;
/// A difference in latency that people notice: the least effect that A. Vargha and H. Delaney (2000) call small.
pub(super) const SLOWER: f64 = 0.56;

/// What failures among requests show about a target. `per_second`: requests that come in, for how long is missing.
#[must_use]
pub fn rate_under(seen: Tally, target: Share, per_second: Option<f64>) -> Claim {
    let (Some(upper), Some(lower)) = (upper_bound(seen), lower_bound(seen)) else {
        return Claim::CannotTell(Text::from("no requests yet"));
    };
    let wanted = target.fraction();
    let of = format!("{} of {} failed", grouped(seen.failed), grouped(seen.requests));
    // 3 / 3000 is 0.1 % and a hair in binary
    if upper <= wanted * (1.0 + 1e-9) {
        return Claim::Shown(Text::from(format!("{of}: true rate under {}", percent(upper))));
    }
    if lower > wanted {
        let words = format!("{of}: true rate over {}, target {}", percent(lower), percent(wanted));
        return Claim::Refuted(Text::from(words));
    }
    Claim::CannotTell(Text::from(missing(seen, target, per_second).unwrap_or_else(|| {
        format!("{of}: true rate {} to {}, target {}", percent(lower), percent(upper), percent(wanted))
    })))
}

/// `too few: 1 840 of 3 000, ~4 min`, where there are.
fn missing(seen: Tally, target: Share, per_second: Option<f64>) -> Option<String> {
    let needed = MinSamples::Auto.needed(Some(target))?;
    too_few(seen.requests, needed, per_second)
}

/// `too few: 1 840 of 3 000, ~4 min`: samples, of how many, and how long it takes until they are there.
#[must_use]
pub fn too_few(samples: f64, needed: u64, per_second: Option<f64>) -> Option<String> {
    let needed = count(needed);
    // requests that are not whole yet are none
    let lacking = needed - samples;
    if lacking <= 1e-6 {
        return None;
    }
    let wait = per_second.filter(|rate| *rate > 0.0).map(|rate| format!(", {}", about(lacking / rate)));
    Some(format!("too few: {} of {}{}", grouped(samples), grouped(needed), wait.unwrap_or_default()))
}

/// Whether a candidate fails no more than stable, by more than `margin` (a share) at most.
#[must_use]
pub fn no_worse(candidate: Tally, stable: Tally, margin: f64) -> Claim {
    let Some(found) = contrast(candidate, stable) else {
        return Claim::CannotTell(Text::from("no requests on both sides yet"));
    };
    let shares = || {
        let share = |tally: Tally| percent(tally.share().unwrap_or_default());
        format!("{} failed, stable {}", share(candidate), share(stable))
    };
    let p = chance(found.p_worse);
    if found.p_worse < SURE && found.low > 0.0 {
        Claim::Refuted(Text::from(format!("worse than stable: {} ({p})", shares())))
    } else if found.high <= margin {
        Claim::Shown(Text::from(format!("no worse than stable ({p})")))
    } else {
        let worst = percent(found.high);
        Claim::CannotTell(Text::from(format!("cannot tell yet: {}, up to {worst} worse ({p})", shares())))
    }
}

/// Whether a request of the candidate is no slower than one of stable.
#[must_use]
pub fn no_slower(found: Option<Pairs>) -> Claim {
    let Some(found) = found else {
        return Claim::CannotTell(Text::from("the latency buckets cannot tell the versions apart"));
    };
    let pairs = percent(found.slower);
    let p = chance(found.p_slower);
    if found.p_slower < SURE && found.slower >= SLOWER {
        let words = format!("slower: a candidate request is slower than a stable one in {pairs} of pairs");
        Claim::Refuted(Text::from(words))
    } else if found.high < SLOWER {
        Claim::Shown(Text::from(format!("no slower than stable ({p})")))
    } else {
        Claim::CannotTell(Text::from(format!("cannot tell yet: slower in {pairs} of pairs ({p})")))
    }
}

/// A count as a number to compare samples with.
#[expect(clippy::cast_precision_loss, reason = "counts of requests are far below 2^52")]
pub(super) const fn count(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::super::stats::pairs;
    use super::*;

    fn tally(failed: f64, requests: f64) -> Tally {
        Tally { requests, failed }
    }

    #[test]
    fn clean_requests_show_what_three_over_n_allows() {
        let shown = rate_under(tally(0.0, 1840.0), Share(0.2), None);
        assert_eq!(shown, Claim::Shown("0 of 1 840 failed: true rate under 0.16 %".into()));
        let few = rate_under(tally(0.0, 1840.0), Share(0.1), Some(4.8));
        assert_eq!(few, Claim::CannotTell("too few: 1 840 of 3 000, ~4 min".into()));
        assert!(matches!(rate_under(tally(0.0, 3000.0), Share(0.1), None), Claim::Shown(_)));
        let five_hundred = rate_under(tally(0.0, 500.0), Share(1.0), None);
        assert_eq!(five_hundred.words().as_str(), "0 of 500 failed: true rate under 0.6 %");
        assert!(matches!(rate_under(tally(0.0, 0.0), Share(0.1), None), Claim::CannotTell(_)));
    }

    #[test]
    fn failures_refute_or_leave_it_open() {
        let refuted = rate_under(tally(40.0, 1840.0), Share(0.1), None);
        assert_eq!(refuted, Claim::Refuted("40 of 1 840 failed: true rate over 1.6 %, target 0.1 %".into()));
        let open = rate_under(tally(3.0, 4000.0), Share(0.1), None);
        let words = "3 of 4 000 failed: true rate 0.02 % to 0.19 %, target 0.1 %";
        assert_eq!(open, Claim::CannotTell(words.into()));
    }

    #[test]
    fn against_stable_the_words_are_those_of_a_person() {
        let same = no_worse(tally(20.0, 10_000.0), tally(201.0, 100_000.0), 0.005);
        assert!(same.words().as_str().starts_with("no worse than stable (p 0.5"), "{same:?}");
        let worse = no_worse(tally(40.0, 1000.0), tally(20.0, 10_000.0), 0.005);
        assert_eq!(worse.words().as_str(), "worse than stable: 4 % failed, stable 0.2 % (p < 0.001)");
        let open = no_worse(tally(0.0, 50.0), tally(0.0, 500.0), 0.005);
        assert!(matches!(open, Claim::CannotTell(_)), "{open:?}");
    }

    #[test]
    fn latency_is_told_in_pairs_of_requests() {
        let slow = no_slower(pairs(&[50.0, 100.0, 200.0, 150.0], &[200.0, 150.0, 100.0, 50.0]));
        assert_eq!(
            slow.words().as_str(),
            "slower: a candidate request is slower than a stable one in 74 % of pairs"
        );
        let alike = no_slower(pairs(&[500.0, 300.0, 200.0], &[5000.0, 3000.0, 2000.0]));
        assert_eq!(alike, Claim::Shown("no slower than stable (p 0.5)".into()));
        let few = no_slower(pairs(&[5.0, 3.0, 2.0], &[5.0, 3.0, 2.0]));
        assert!(matches!(few, Claim::CannotTell(_)), "{few:?}");
        assert!(matches!(no_slower(None), Claim::CannotTell(_)));
    }
}
