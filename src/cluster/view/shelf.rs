//! Items of one stream: the present ones, and those of a list that is still coming in.

use std::collections::BTreeMap;

use crate::cluster::watch::Feed;

/// See the module.
#[derive(Debug)]
pub(super) struct Shelf<K, V> {
    items: BTreeMap<K, V>,
    incoming: Option<BTreeMap<K, V>>,
    whole: bool,
}

impl<K, V> Default for Shelf<K, V> {
    fn default() -> Self {
        Self { items: BTreeMap::new(), incoming: None, whole: false }
    }
}

impl<K: Ord + Clone, V: PartialEq> Shelf<K, V> {
    /// Takes news in and returns the keys of what changed. The first list shows page by page; later ones are swapped
    /// in whole, so that nothing seems to vanish while a list comes in.
    pub(super) fn take(&mut self, feed: Feed<(K, V)>, newer: impl Fn(&V, &V) -> bool) -> Vec<K> {
        match feed {
            Feed::Page { items, first, last } => self.page(items, first, last, newer),
            Feed::Put((key, item)) => {
                if self.items.get(&key).is_some_and(|known| *known == item || newer(known, &item)) {
                    return Vec::new();
                }
                self.items.insert(key.clone(), item);
                vec![key]
            }
            Feed::Gone((key, _)) => self.items.remove(&key).map(|_| key).into_iter().collect(),
            Feed::State(_) | Feed::RoundTrip(_) => Vec::new(),
        }
    }

    fn page(
        &mut self,
        items: Vec<(K, V)>,
        first: bool,
        last: bool,
        newer: impl Fn(&V, &V) -> bool,
    ) -> Vec<K> {
        if !self.whole {
            // a first list may begin anew, without what it showed before
            let shown = if first { std::mem::take(&mut self.items) } else { BTreeMap::new() };
            self.whole = last;
            let changed = shown.into_keys().chain(items.iter().map(|(key, _)| key.clone())).collect();
            self.items.extend(items);
            return changed;
        }
        let mut incoming = if first { BTreeMap::new() } else { self.incoming.take().unwrap_or_default() };
        incoming.extend(items);
        if !last {
            self.incoming = Some(incoming);
            return Vec::new();
        }
        let mut old = std::mem::take(&mut self.items);
        let mut changed = Vec::new();
        for (key, item) in &mut incoming {
            match old.remove(key) {
                Some(known) if newer(&known, item) => *item = known,
                Some(known) if known == *item => {}
                Some(_) | None => changed.push(key.clone()),
            }
        }
        changed.extend(old.into_keys());
        self.items = incoming;
        changed
    }

    /// Whether a whole list came in.
    pub(super) fn is_whole(&self) -> bool {
        self.whole
    }

    /// An item.
    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.items.get(key)
    }

    /// All items in the order of their keys.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.items.iter()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(items: &[(u8, u8)], first: bool, last: bool) -> Feed<(u8, u8)> {
        Feed::Page { items: items.to_vec(), first, last }
    }

    fn keys(shelf: &Shelf<u8, u8>) -> Vec<u8> {
        shelf.iter().map(|(key, _)| *key).collect()
    }

    const NEVER: fn(&u8, &u8) -> bool = |_, _| false;

    #[test]
    fn the_first_list_shows_at_once_and_a_relist_is_swapped_in_whole() {
        let mut shelf = Shelf::default();
        assert_eq!(shelf.take(page(&[(1, 1)], true, false), NEVER), [1]);
        assert!(!shelf.is_whole());
        shelf.take(page(&[(2, 1)], false, true), NEVER);
        assert_eq!((keys(&shelf), shelf.is_whole()), (vec![1, 2], true));
        assert!(shelf.take(page(&[(2, 9)], true, false), NEVER).is_empty());
        assert_eq!(keys(&shelf), [1, 2]);
        let mut changed = shelf.take(page(&[(3, 1)], false, true), NEVER);
        changed.sort_unstable();
        assert_eq!((changed, keys(&shelf)), (vec![1, 2, 3], vec![2, 3]));
    }

    #[test]
    fn what_is_known_newer_stays() {
        let mut shelf = Shelf::default();
        let newer = |known: &u8, item: &u8| known > item;
        shelf.take(page(&[(1, 5)], true, true), newer);
        assert!(shelf.take(Feed::Put((1, 4)), newer).is_empty());
        assert!(shelf.take(page(&[(1, 4)], true, true), newer).is_empty());
        assert_eq!(shelf.get(&1), Some(&5));
        assert_eq!(shelf.take(Feed::Gone((1, 0)), newer), [1]);
    }
}
