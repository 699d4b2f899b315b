//! Which side is known good, and the sides as revisions that can be returned to.

use std::cmp::Reverse;

use crate::model::objects::Known;
use crate::model::text::Text;
use crate::model::view::{Evidence, Revision, Version};
use crate::strategy::{differences, version_name};

use super::sides::{Pair, Side};

/// The evidence for one side (`product.md`, Known good). It is kept by the hash of the side's present template and the
/// uid of the Service: a colour that gets a new template has to earn it anew.
pub(super) fn of(pair: &Pair<'_>, side: &Side<'_>, known: &Known) -> Evidence {
    let Some(hash) = side.hash() else { return Evidence::Unproven };
    if known.condemned.contains(&hash) {
        return Evidence::Unproven;
    }
    if let Some(at) = seen(pair, side, known) {
        return Evidence::SeenComplete { at };
    }
    let nothing_seen = pair.sides.iter().all(|side| seen(pair, side, known).is_none());
    if nothing_seen && was_there_first(pair, side) {
        return Evidence::ServesAlone;
    }
    let names = [side.value, version_name(&side.deployment.spec.template, None).as_str()].map(Text::clean);
    if known.previous.as_ref().is_some_and(|previous| names.contains(previous)) {
        return Evidence::PlanPrevious;
    }
    Evidence::Unproven
}

fn seen(pair: &Pair<'_>, side: &Side<'_>, known: &Known) -> Option<crate::model::Time> {
    let uid = &pair.service.face.metadata.uid;
    let hash = side.hash()?;
    let rows = known.seen_complete.iter().filter(|row| row.workload == *uid && row.hash == hash);
    rows.map(|row| row.at).max()
}

/// It alone, besides the side that the selector names, has ready pods, and it is not the newer one: a candidate that
/// waits for its cut-over is no way back. Where the selector matches nobody, the side that it names may be the older one;
/// of two that came in the same second, it is the one that somebody wanted.
fn was_there_first(pair: &Pair<'_>, side: &Side<'_>) -> bool {
    let alone = |other: &&Side<'_>| other.value != side.value && pair.standing_by(other) > 0;
    let Some(named) = pair.named() else {
        return pair.standing_by(side) > 0
            && pair.sides.iter().filter(alone).all(|other| side.changed() < other.changed());
    };
    if named.value == side.value {
        let older = |other: &Side<'_>| side.changed() <= other.changed();
        return pair.dark() && pair.sides.iter().filter(alone).all(older);
    }
    let rivals = pair.sides.iter().filter(alone).filter(|other| other.value != named.value).count();
    pair.standing_by(side) > 0 && rivals == 0 && side.changed() < named.changed()
}

/// The best side to return to: not the one that serves, unless nobody does.
pub(super) fn best<'p, 'a>(pair: &'p Pair<'a>, known: &Known) -> Option<&'p Side<'a>> {
    let may = |side: &&Side<'_>| pair.dark() || pair.named().is_none_or(|named| named.value != side.value);
    let graded = pair.sides.iter().filter(may).map(|side| (side, of(pair, side, known)));
    let good = graded.filter(|(_, evidence)| evidence.is_good());
    let best = good.min_by_key(|(side, evidence)| match evidence {
        Evidence::SeenComplete { at } => (0, Reverse(pair.standing_by(side) > 0), Reverse(Some(*at))),
        Evidence::ServesAlone => (1, Reverse(true), Reverse(None)),
        Evidence::PlanPrevious => (2, Reverse(pair.standing_by(side) > 0), Reverse(None)),
        Evidence::Unproven => (3, Reverse(false), Reverse(None)),
    });
    best.map(|(side, _)| side)
}

/// Why the chosen side is good, for the sheet.
pub(super) fn words(pair: &Pair<'_>, side: &Side<'_>, known: &Known) -> Text {
    let (value, ready) = (side.value, pair.standing_by(side));
    let why = match of(pair, side, known) {
        Evidence::SeenComplete { at } => {
            format!("{value} was seen serving alone {} UTC; {ready} ready pods now", at.format("%F %H:%M"))
        }
        Evidence::ServesAlone => format!("{value} was there first; {ready} ready pods now"),
        Evidence::PlanPrevious => {
            format!("the plan names {value} as the version before; {ready} ready pods now")
        }
        Evidence::Unproven => {
            format!("UNPROVEN: nothing says that {value} ever served; {ready} ready pods now")
        }
    };
    Text::clean(&why)
}

/// The sides, the one that the selector names first.
pub(super) fn revisions(pair: &Pair<'_>, known: &Known) -> Vec<Revision> {
    let named = pair.named().map(|side| side.value);
    let present = pair.named().and_then(|side| known.templates.get(&side.current?.key()));
    let mut all: Vec<Revision> = (pair.sides.iter())
        .filter_map(|side| {
            let set = side.current?;
            let current = Some(side.value) == named;
            let images = side.deployment.spec.template.images.iter();
            Some(Revision {
                name: Text::clean(side.value),
                key: set.key(),
                replica_set: set.metadata.name.clone(),
                number: set.revision(),
                images: images.map(|container| Text::clean(&container.image)).collect(),
                created: set.metadata.created,
                ready: pair.standing_by(side),
                pods: side.deployment.status.replicas,
                evidence: of(pair, side, known),
                // where nobody is reached, the side that the selector names can be chosen too
                current: current && !pair.dark(),
                differs: (!current)
                    .then(|| Some(differences(present?.raw(), known.templates.get(&set.key())?.raw())))
                    .flatten(),
            })
        })
        .collect();
    all.sort_by_key(|revision| (!revision.current, Reverse(revision.created)));
    all
}

/// A side as one of the two versions of a release.
pub(super) fn version(side: &Side<'_>, pair: &Pair<'_>) -> Option<Version> {
    let set = side.current?;
    Some(Version {
        name: Text::clean(side.value),
        key: set.key(),
        replica_set: set.metadata.name.clone(),
        pods: side.deployment.status.replicas,
        ready: pair.standing_by(side),
        desired: side.deployment.wanted(),
    })
}
