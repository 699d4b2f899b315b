//! The only place where ids are drawn.

use uuid::Uuid;

use crate::model::ids::{FreshId, SessionId};

/// A fresh id; ids of one process sort by the time they were drawn.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "ids are drawn here and arrive with the event")]
pub fn fresh() -> FreshId {
    FreshId(Uuid::now_v7().as_u128())
}

/// The id of a new session.
#[must_use]
pub fn session() -> SessionId {
    SessionId::new(fresh().nth(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_and_sort_by_time() {
        let drawn: Vec<FreshId> = (0..1000).map(|_| fresh()).collect();
        assert!(drawn.is_sorted());
        let mut texts: Vec<String> = drawn.iter().map(|id| id.nth(0)).collect();
        texts.sort();
        texts.dedup();
        assert_eq!(texts.len(), drawn.len());
    }
}
