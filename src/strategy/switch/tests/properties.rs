//! What holds whatever the objects are.

use proptest::prelude::*;

use super::*;

thread_local! {
    /// Read once: a case changes its own copy.
    static RECORDED: (ObjectSet, Known) = pair(ON_BLUE);
}

proptest! {
    /// Whatever labels, strays and pods there are: a switch that is prepared reaches at least one ready pod.
    #[test]
    fn a_switch_never_selects_nothing(
        colour in prop::sample::select(vec!["blue", "green", "red"]),
        strays in prop::collection::btree_map("[a-z]{1,5}", "[0-9]{1,2}", 0..3),
        ready in prop::collection::vec(any::<bool>(), 6),
        shown in prop::sample::select(vec!["", "version", "app"]),
        chosen in prop::sample::select(vec![Act::Promote, Act::PromoteFull, BACK, Act::Stop]),
    ) {
        let (mut set, mut known) = RECORDED.with(Clone::clone);
        seen(&set, &mut known, "blue", "21:40:00");
        let selector = &mut service(&mut set).selector;
        selector.insert("version".to_owned(), colour.to_owned());
        for (key, value) in strays {
            selector.entry(key).or_insert(value);
        }
        for (pod, ready) in set.pods.iter_mut().zip(ready) {
            pod.ready = ready;
        }
        for rs in &mut set.replica_sets {
            rs.metadata.labels.remove(shown);
        }
        follow(&mut set);
        if let Ok(outline) = strategy_of(&set).outline(&chosen, &set, &known)
            && let Next::Send(step) = next_after(&chosen, &outline.want, &set, &known, &[], 60)
            && step.does.as_str().starts_with("select")
        {
            let Write::JsonPatch(body) = &step.request.write else { panic!() };
            let selector = body[2]["value"].as_object().unwrap();
            let fits = |owner: &str| {
                let rs = set.replica_sets.iter().find(|rs| rs.metadata.name.as_str() == owner).unwrap();
                selector.iter().all(|(key, value)| rs.metadata.labels.get(key).map(String::as_str) == value.as_str())
            };
            let reached = set.pods.iter().filter(|pod| pod.ready && fits(pod.owner.as_ref().unwrap().as_str()));
            prop_assert!(reached.count() > 0, "{selector:?} reaches nobody");
        }
    }
}
