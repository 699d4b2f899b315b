//! Promoted by its gates and fully, held and resumed, tried once more.

use color_eyre::eyre::{Result, ensure};
use serde_json::{Value, json};

use super::{DONE, REFUSED};
use crate::{
    harness::{
        canaries::{Canary, Provider},
        keys::SHORT_NAME,
        site::Site,
        things::Thing,
    },
    rig::webhooks::Answer,
};

/// Two steps, and a gate before the promotion.
fn shop() -> Canary {
    Canary::new("shop", "1.0.0", Provider::GatewayApi)
        .spec(&json!({ "analysis": { "stepWeight": 30 } }))
        .gates(&["confirm-promotion", "rollback"], "3s")
}

/// A release that stands before its closed promotion gate.
fn waits(site: &Site<'_>, shop: &Canary) -> Result<()> {
    site.deploy_canary(shop)?;
    site.set_gate("shop", "confirm-promotion", Answer::closed())?;
    site.set_image(&shop.workload, "1.1.0")?;
    site.await_canary("shop", "WaitingPromotion").map(drop)
}

fn why(answer: &Value) -> &str {
    answer["why"].as_str().unwrap_or_default()
}

/// The gate is its owner's: the console says so, and shows what the route really sends.
pub(super) fn by_its_gates(site: &Site<'_>) -> Result<()> {
    let shop = shop();
    waits(site, &shop)?;
    let refused = site.verb(REFUSED, &["promote", "canary/shop", "--yes", "--arm", SHORT_NAME])?;
    ensure!(why(&refused).contains("the gate confirm-promotion is a webhook"), "{refused}");
    let mark = site.tally()?;
    site.set_gate("shop", "confirm-promotion", Answer::open())?;
    site.await_canary("shop", "Succeeded")?;
    let end = site.tally()?;
    site.await_traffic(&end, "all requests go to the new version", |seen| seen.share("1.1.0") > 0.99)?;
    ensure!(site.tally()?.since(&mark).unserved < 1.0, "requests found no endpoint");
    ensure!(site.mutations()?.is_empty(), "{:#?}", site.mutations());
    Ok(())
}

/// Held is proved only when the tick that ran has ended, and then nothing moves.
pub(super) fn is_held(site: &Site<'_>) -> Result<()> {
    let shop = shop();
    site.deploy_canary(&shop)?;
    site.set_image(&shop.workload, "1.1.0")?;
    site.await_canary_weight("shop", 30)?;
    let held = site.verb(DONE, &["hold", "canary/shop", "--yes"])?;
    ensure!(held["result"] == "proven", "{held}");
    ensure!(held.to_string().contains("Flagger will not roll back while held"), "{held}");
    ensure!(site.written()? == ["canaries shop"], "{:?}", site.written());
    let (weights, object) = (site.canary_weights()?, site.read(Thing::Canary, "shop")?);
    ensure!(object["spec"]["suspend"] == true, "{object}");
    let resumed = site.verb(DONE, &["resume", "canary/shop", "--yes", "--arm", SHORT_NAME])?;
    ensure!(resumed["result"] == "proven", "{resumed}");
    ensure!(weights == [30] || weights == [60], "{weights:?}");
    site.await_canary("shop", "Succeeded").map(drop)
}

/// `skipAnalysis` passes the closed gate, and does not stay on.
pub(super) fn fully_at_once(site: &Site<'_>) -> Result<()> {
    let shop = shop();
    waits(site, &shop)?;
    let full = ["promote", "canary/shop", "--full", "--yes", "--arm", SHORT_NAME];
    let promoted = site.verb(DONE, &full)?;
    ensure!(promoted["result"] == "proven", "{promoted}");
    let object = site.read(Thing::Canary, "shop")?;
    ensure!(object["status"]["phase"] == "Succeeded" && object["spec"]["skipAnalysis"] != true, "{object}");
    ensure!(site.written()? == ["canaries shop"; 2], "{:?}", site.written());
    Ok(())
}

/// A suspended `WaitingPromotion` whose route was set to 0 would climb again without asking anybody.
pub(super) fn undecided_is_not_resumed(site: &Site<'_>) -> Result<()> {
    let shop = shop();
    waits(site, &shop)?;
    site.verb(DONE, &["hold", "canary/shop", "--yes"])?;
    let weights = json!([
        { "op": "replace", "path": "/spec/rules/0/backendRefs/0/weight", "value": 100 },
        { "op": "replace", "path": "/spec/rules/0/backendRefs/1/weight", "value": 0 },
    ]);
    site.edit(Thing::HttpRoute, "shop", &weights)?;
    let refused = site.verb(REFUSED, &["resume", "canary/shop", "--yes", "--arm", SHORT_NAME])?;
    ensure!(why(&refused).contains("climbs all steps again"), "{refused}");
    let back = site.verb(DONE, &["rollback", "canary/shop", "--yes"])?;
    ensure!(back["result"] == "proven", "{back}");
    site.ensure_back(&shop, "Failed")
}

/// After Flagger gave it up by its own hook, the same release is tried again.
pub(super) fn once_more(site: &Site<'_>) -> Result<()> {
    let shop = shop();
    waits(site, &shop)?;
    site.set_gate("shop", "rollback", Answer::open())?;
    site.await_canary("shop", "Failed")?;
    site.set_gate("shop", "rollback", Answer::closed())?;
    site.set_gate("shop", "confirm-promotion", Answer::open())?;
    let again = site.verb(DONE, &["retry", "canary/shop", "--yes", "--arm", SHORT_NAME])?;
    ensure!(again["result"] == "proven", "{again}");
    site.await_canary("shop", "Succeeded").map(drop)
}
